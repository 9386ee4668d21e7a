"""Command lines: what a shell makes of them, and how a process is started from one."""
