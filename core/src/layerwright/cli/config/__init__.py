"""``layerwright config``, the commands below it, and ``use``: show, change and describe the configuration."""
