"""The Cloud Native Buildpacks Buildpack API as plain files; knows nothing about Python packaging."""
