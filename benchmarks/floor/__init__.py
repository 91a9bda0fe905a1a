"""The floors: what the same work costs without the product. They know nothing of it."""
