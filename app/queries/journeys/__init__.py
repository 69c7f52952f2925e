"""Journeys of one lead and of all."""
