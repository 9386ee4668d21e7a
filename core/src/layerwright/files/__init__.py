"""Files: the application directory, bounded reads, digests, and writes and removals that cannot be left half done."""
