"""Directories as layers of an image: tar archives with equal bytes for equal content, compressed once."""
