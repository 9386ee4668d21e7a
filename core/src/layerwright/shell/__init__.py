"""What a command line for a shell consists of, as far as it can be known without running it."""
