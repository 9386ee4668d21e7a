"""Writes the plugin that an author begins with: a complete distribution, which passes its tests as it is."""
