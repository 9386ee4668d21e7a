"""What plugins add to a build once the virtual environment is complete: layers, commands, processes."""
