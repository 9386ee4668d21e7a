"""The commands about what is in an application, and whether it can be trusted."""
