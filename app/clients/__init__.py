"""The world outside; the only thing a test may fake."""
