"""Chooses the package manager, its settings and the interpreter, before the first change."""
