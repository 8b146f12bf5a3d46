"""`wasi:sockets`: outbound TCP and UDP to allowed destinations, and name lookup; no listening."""
