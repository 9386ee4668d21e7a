"""The Buildpack API as plain files; it knows nothing about Python packaging."""
