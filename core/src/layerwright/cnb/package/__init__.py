"""Buildpack packages and OCI layouts, as the distribution specification of buildpacks has them."""
