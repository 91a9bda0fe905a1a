"""Listeners of floor 0. It stands lowest, so it has none of its own; other apps add theirs in their `handlers`."""
