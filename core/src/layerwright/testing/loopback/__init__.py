"""Servers on loopback: a package index, and the faults that it can produce."""
