"""Where an interpreter comes from: a standalone archive, or a relocated copy of one of this machine."""
