"""Whether another version of a package manager writes the same files: it installs a sample again, elsewhere."""
