"""The fixtures of Layerwright's own for plugins."""

pytest_plugins = ["layerwright.testing.fixtures"]
