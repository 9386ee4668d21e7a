"""The application directory, bounded reads, digests, changes that a stop cannot leave half done; frozen values."""
