"""Changes of inputs: those since the last build, and what one would lead to."""
