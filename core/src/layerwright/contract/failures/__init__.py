"""Diagnoses that package managers share: of the network, of builds from source, and of pip."""
