"""Files and directories: bounded reads, digests, writes and removals that an interruption cannot leave half done."""
