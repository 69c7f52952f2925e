"""Credit for conversions: models, conversions, spend."""
