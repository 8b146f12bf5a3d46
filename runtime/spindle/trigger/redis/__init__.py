"""The Redis trigger: components that get the messages of channels."""
