"""The pip-tools plugin of Layerwright, which ``package-manager.toml`` declares."""
