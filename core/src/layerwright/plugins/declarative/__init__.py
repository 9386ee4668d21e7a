"""Package managers that are declared in TOML."""
