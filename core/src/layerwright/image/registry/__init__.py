"""Images in registries, according to the OCI distribution specification."""
