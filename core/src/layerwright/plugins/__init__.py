"""The host of plugins: finds, loads and calls them, and names the defective one."""
