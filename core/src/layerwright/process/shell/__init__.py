"""Command lines: how a shell reads them, and how a process is started from one."""
