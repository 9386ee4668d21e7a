"""What it means that a command failed: by its output, and by what the kernel says."""
