"""What happened: events, the visits they make, and where a visitor came from."""
