"""What is in the user's cache directory, kind by kind, and how it is removed."""
