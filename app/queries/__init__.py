"""Reads: one function for one question; never write."""
