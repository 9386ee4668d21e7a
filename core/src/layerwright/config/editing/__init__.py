"""Changes of one setting in the text of a configuration file."""
