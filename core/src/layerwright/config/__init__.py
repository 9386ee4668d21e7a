"""Settings: where they are written, their types, their values, and how one is edited; processes."""
