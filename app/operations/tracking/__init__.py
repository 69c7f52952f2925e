"""Store what happened, and bring in line what follows from it."""
