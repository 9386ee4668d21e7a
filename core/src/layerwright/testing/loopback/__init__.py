"""Servers on loopback: a package index, and the faults that one can have."""
