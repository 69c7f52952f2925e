"""What the business offers, where, by whom, and when it is open."""
