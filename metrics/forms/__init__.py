"""Forms of metrics."""
