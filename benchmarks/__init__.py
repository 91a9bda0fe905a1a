"""Measures the product against floors: the same work in plain SQL and plain Django, in turn, in one run."""
