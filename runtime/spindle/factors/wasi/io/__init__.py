"""`wasi:io@0.2`: errors, pollables and byte streams."""
