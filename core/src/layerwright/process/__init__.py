"""Commands as values, the one place that runs them, and what of them is secret."""
