"""Many people at once, for a while: errors, times and memory, with PostgreSQL and Redis restarted under the load if asked."""
