"""A plugin on trial: what it is given, what it does with it, and what is held against it."""
