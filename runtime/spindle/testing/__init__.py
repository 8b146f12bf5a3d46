"""Testing applications: the pytest plugin (`pytest --spindle`) and saved exchanges as cases."""
