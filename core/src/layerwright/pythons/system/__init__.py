"""Interpreters that are copies of this machine's."""
