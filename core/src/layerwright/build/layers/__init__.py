"""The layers of Python, the tools and the download cache: how each is specified and contributed."""
