"""The HTTP trigger: a server, and Spin's way from a request to a component."""
