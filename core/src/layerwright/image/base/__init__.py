"""Base images: where they come from, and whether the application can run on one."""
