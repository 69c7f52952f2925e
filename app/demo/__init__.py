"""A business to look at: what the demo clinic offers, as data."""
