"""The store of layers: what was made for one application is linked into the next."""
