"""What runs later: thin tasks that call operations."""
