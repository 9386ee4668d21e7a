"""OCI images, made without a container engine: read, composed, written and pushed."""
