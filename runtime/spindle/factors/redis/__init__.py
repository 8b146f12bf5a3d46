"""Outbound Redis."""
