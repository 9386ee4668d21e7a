"""The fixtures that Layerwright has for the tests of plugins."""

pytest_plugins = ["layerwright.testing.fixtures"]
