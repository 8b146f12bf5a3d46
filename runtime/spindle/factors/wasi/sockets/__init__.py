"""`wasi:sockets`: TCP and UDP to allowed addresses; no listening and no name lookup."""
