"""The embedded platform: restore, build and launch on a machine without a container engine."""
