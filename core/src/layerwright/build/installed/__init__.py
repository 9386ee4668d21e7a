"""Distributions as they are installed: what they have, what they lack, and how they are removed."""
