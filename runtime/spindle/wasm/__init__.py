"""Reading WebAssembly binaries, core and component, without an engine."""
