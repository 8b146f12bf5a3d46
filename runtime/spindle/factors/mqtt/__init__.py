"""Outbound MQTT."""
