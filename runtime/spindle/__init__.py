"""Spindle hosts Spin applications: WebAssembly components served, seen and touched locally.

Importing this package imports nothing else; its sub-packages are its doors.
"""

__version__ = "0.1.0"
