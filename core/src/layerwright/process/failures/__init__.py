"""Diagnoses of failed commands, from their output and from the kernel."""
