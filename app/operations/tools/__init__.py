"""What using a tool does: acts, quotes, photos."""
