"""Where distributions come from: package indexes, with their credentials, in the terms of no tool."""
