"""The language server for `spin.toml`."""
