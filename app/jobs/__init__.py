"""What runs later: thin tasks that call operations, on a schedule that is one table.

Every task can run twice: what must happen is a row in the database, which a sweep finds again.
"""
