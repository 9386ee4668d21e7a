"""Installed distributions: their metadata, files and requirements, and how they are removed."""
