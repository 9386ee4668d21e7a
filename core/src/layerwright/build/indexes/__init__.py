"""Package indexes, repositories and mirrors with their credentials, given once for every package manager."""
