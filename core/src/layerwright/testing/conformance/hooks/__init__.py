"""The conformance kit for plugins that are not package managers: what they add, and how they compute it."""
