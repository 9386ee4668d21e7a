"""The grammar of groups of commands, and what all commands share."""
