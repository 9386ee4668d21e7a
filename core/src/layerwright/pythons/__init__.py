"""Interpreters: which one fits, where it comes from, and what is made of it in its layer."""
