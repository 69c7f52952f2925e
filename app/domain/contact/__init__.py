"""The progressive contact form: when to ask, what to ask next."""
