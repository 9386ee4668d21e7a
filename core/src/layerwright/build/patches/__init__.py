"""What of a layer depends on the patch release of Python, such as the 1 of 3.13.1."""
