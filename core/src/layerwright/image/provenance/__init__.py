"""Provenance: what an image was made from, and how, as an in-toto statement."""
