"""The commands about plugins: list them, check one, write a new one."""
