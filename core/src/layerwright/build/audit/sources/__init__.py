"""Where advisories come from: a directory, an archive, a mirror of one, or a service."""
