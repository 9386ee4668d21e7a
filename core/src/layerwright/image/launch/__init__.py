"""What an image says about its start: the environment, the processes, the labels."""
