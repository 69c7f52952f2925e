"""Writes that span tables: one module a verb. They take `now` and never commit."""
