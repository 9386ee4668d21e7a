"""Package managers that are declared in TOML: read, checked, and made into ordinary ones."""
