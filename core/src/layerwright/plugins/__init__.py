"""The host of plugins: finds, loads and calls them, and names the one that is at fault."""
