"""Interpreters that are copied from this machine."""
