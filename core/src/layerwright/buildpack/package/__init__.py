"""Packages a buildpack with its own interpreter and the installed plugins."""
