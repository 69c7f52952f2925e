"""Appointments: which times are free."""
