"""The layer of the virtual environment: how it is filled, updated and verified."""
