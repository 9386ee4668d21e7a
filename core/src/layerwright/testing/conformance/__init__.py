"""The conformance kit for package managers."""
