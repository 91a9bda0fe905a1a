"""Management commands of the platform itself."""
