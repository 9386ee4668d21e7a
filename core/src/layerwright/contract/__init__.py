"""What the author of a plugin sees: package managers, hooks, requests, values, and help with tool layers."""
