"""The layers that core owns, each described as a value and then contributed."""
