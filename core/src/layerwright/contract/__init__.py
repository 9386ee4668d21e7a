"""The interface for plugin authors: package managers, hooks, requests, values, and help with tool layers."""
