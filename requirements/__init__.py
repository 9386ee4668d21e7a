"""The locks of this project: what each one locks, how it is written, and whether it is complete."""
