"""The PDM plugin of Layerwright: all that it knows is in ``package-manager.toml``."""
