"""What an editor can ask, a module each: pure functions of a snapshot and a place in it.

Answers are the protocol's types, with places counted as Spindle counts (see `convert`), which the
server recounts for clients that count otherwise. `methods` says which function answers what.
"""
