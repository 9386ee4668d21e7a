"""The policy: what may be installed, according to the application, its environment and the platform."""
