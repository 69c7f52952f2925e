"""Calculators, quotes, recommendations, the words that may be said."""
