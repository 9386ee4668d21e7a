"""Bundles: everything that a build takes from a network, in a directory."""
