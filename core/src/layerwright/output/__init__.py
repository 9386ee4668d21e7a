"""The build log and all other output."""
