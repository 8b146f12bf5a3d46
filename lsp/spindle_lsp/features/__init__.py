"""What an editor can ask, a module each: pure functions of a snapshot and a place in it."""
