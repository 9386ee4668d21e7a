"""The commands that create images."""
