"""Conversions, touches, credit, spend."""
