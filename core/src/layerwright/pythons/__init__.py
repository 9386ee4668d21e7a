"""Interpreters: choosing one, getting it, and making it a layer."""
