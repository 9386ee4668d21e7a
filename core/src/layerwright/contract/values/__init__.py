"""The values that a package manager and core exchange: requests, and what a package manager returns."""
