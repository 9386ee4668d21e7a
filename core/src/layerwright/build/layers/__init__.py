"""The layers of Python and of the tools: what each is specified by, and how it is contributed."""
