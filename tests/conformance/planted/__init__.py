"""Plugins that are wrong on purpose, one for each check of the conformance kit, and one that is right."""
