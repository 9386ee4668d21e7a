"""Buildpack packages and OCI layouts, according to the distribution specification of buildpacks."""
