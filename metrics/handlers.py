"""What metrics does when something happens below."""
