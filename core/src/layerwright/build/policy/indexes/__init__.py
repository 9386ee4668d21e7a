"""Package indexes, as far as a policy has to ask them."""
