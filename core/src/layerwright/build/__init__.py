"""A build, step by step: detect, choose, specify, contribute each layer; with explain and report."""
