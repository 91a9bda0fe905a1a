"""Floor 5: what the platform does by itself. Reports that go out on a schedule."""
