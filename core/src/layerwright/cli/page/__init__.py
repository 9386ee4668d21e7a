"""An explanation as a page to look at: one HTML file without scripts and without anything from elsewhere."""
