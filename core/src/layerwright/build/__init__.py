"""A build, step by step: detect, choose, specify, contribute each layer; explain and report beside it."""
