"""Files and directories: bounded reads, digests, writes and removals that a stop cannot leave half done."""
