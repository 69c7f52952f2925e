"""Publish rules; score acts, visits and leads."""
