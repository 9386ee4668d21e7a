"""Interpreters from the archives of python-build-standalone, or from a mirror of them."""
