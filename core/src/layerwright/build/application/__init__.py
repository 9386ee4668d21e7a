"""The application's own modules: which they are, their bytecode, and where it is written."""
