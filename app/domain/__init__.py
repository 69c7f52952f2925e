"""The rules of Leadlight: pure functions over small dataclasses.

Nothing here knows Flask, a database, the clock or chance; the time, where it matters, is an
argument.
"""
