"""Change the catalogue, and undo it."""
