"""`wasi:sockets`: outbound TCP to allowed addresses; no listening, no UDP, no name lookup."""
