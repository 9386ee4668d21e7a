"""Installs the wheels of a tool without a process."""
