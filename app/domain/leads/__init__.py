"""Leads on their way: stages, views of them, what is to be done."""
