"""Makes a buildpack that brings its own interpreter and the installed plugins."""
