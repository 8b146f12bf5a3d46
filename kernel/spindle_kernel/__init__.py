"""The Jupyter kernel that calls guests."""
