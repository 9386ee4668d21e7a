"""Fetches everything that a build takes from a network into a bundle."""
