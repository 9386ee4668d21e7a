"""The tests, and under ``fixtures`` what they stand on."""
