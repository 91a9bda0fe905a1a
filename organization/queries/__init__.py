"""Non-trivial reads of floor 0."""
