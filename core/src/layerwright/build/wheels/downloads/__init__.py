"""Downloads the wheels of a tool that are not at hand."""
