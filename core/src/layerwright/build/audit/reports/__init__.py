"""The documents that an audit can write."""
