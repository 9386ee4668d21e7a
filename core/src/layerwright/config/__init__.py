"""Settings: their sources, types and values, and how to edit one; processes; the requested Python."""
