"""The layers directory of the Buildpack API: layers, their metadata and their environment."""
