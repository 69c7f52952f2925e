"""Note conversions and share their credit among the touches before them."""
