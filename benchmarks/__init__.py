"""Measures Layerwright against the bare tools: the same index, caches and interpreter, turn by turn in one run."""
