"""The triggers: what starts an application's components."""
