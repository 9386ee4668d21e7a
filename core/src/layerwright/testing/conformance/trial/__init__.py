"""Run a plugin under observation: its inputs, its actions, and the failure messages."""
