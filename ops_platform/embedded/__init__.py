"""PostgreSQL and Redis for a first run: real servers out of Python wheels, started only where none is configured."""
