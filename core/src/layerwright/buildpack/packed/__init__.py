"""The layers directory under a lifecycle: contents are packed in one cache layer, and unpacked when needed."""
