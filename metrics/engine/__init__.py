"""Pure computation of metrics: numbers in, numbers out. Nothing here imports Django, reads a clock or a setting."""
