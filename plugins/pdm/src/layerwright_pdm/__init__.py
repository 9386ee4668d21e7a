"""The PDM plugin of Layerwright, which ``package-manager.toml`` declares."""
