"""Appointments, and the times still free."""
