"""Whose a visitor's acts are; the contact form in force."""
