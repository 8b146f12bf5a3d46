"""The terminal interface over a running host."""
