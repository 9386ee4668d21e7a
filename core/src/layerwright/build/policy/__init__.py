"""The policy at work: what will be installed, and what is, against every rule."""
