"""WASI preview 1: for core modules that are commands, as Wagi runs them, and for those that were
made components.
"""
