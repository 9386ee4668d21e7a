"""The commands about plugins: list them, check one, create a new one."""
