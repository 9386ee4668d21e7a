"""Images as files: an OCI layout, and one archive for ``docker load`` and ``podman load``."""
