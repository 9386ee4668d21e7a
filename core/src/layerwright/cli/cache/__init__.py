"""``layerwright cache`` and the commands below it: show and empty the user's cache directory."""
