"""The build log, and everything else that is printed."""
