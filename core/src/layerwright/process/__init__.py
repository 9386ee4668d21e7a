"""Commands as values, the one place that runs them, and the secrets in them."""
