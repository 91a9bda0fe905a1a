"""The whole installation into one file, and back into an empty server."""
