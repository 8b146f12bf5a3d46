"""`wasi:http`: 0.2 and 0.3 over the same fields, error codes and bodies."""
