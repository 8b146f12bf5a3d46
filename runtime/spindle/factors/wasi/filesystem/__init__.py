"""`wasi:filesystem`: exactly the mounted files, read-only unless a mount says otherwise."""
