"""Publish contact forms; make leads of what they are told."""
