"""The MQTT trigger: components that get the messages of topics."""
