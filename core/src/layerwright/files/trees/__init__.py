"""Whole trees of files: their size, their state, and second names for them."""
