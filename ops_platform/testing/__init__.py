"""What a test run needs: its own PostgreSQL and Redis, and the roles that production has."""
