"""What the command line says about itself: help, completion for shells, the manual page."""
