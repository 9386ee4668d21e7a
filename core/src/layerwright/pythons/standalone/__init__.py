"""Interpreters from the archives of python-build-standalone or a mirror."""
