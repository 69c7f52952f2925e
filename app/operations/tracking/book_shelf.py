"""Visit books kept from batch to batch, while nobody else writes.

On SQLite a connection can ask whether another one has committed since (`PRAGMA data_version`).
As long as none has, what the log's writer remembers of visits is what the database holds. On
PostgreSQL nothing tells so cheaply, and each batch reads anew.
"""

from sqlalchemy import Connection

from app.operations.tracking.visit_book import VisitBook

MOST_VISITORS = 20_000


class BookShelf:
    """The books of one connection."""

    def __init__(self):
        self._books: dict[int, VisitBook] = {}
        self._version: int | None = None

    def book(self, connection: Connection, organization_id: int) -> VisitBook:
        """The organization's book as far as it still holds, else a new one.

        To be asked inside the transaction that will write.
        """
        if connection.dialect.name != "sqlite":
            return VisitBook(organization_id)
        self._drop_outdated(connection)
        book = self._books.get(organization_id)
        if book is None or len(book.visitors) + len(book.strangers) > MOST_VISITORS:
            book = self._books[organization_id] = VisitBook(organization_id)
        return book

    def _drop_outdated(self, connection: Connection):
        driver = connection.connection.driver_connection
        (version,) = driver.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._books.clear()
            self._version = version

    def forget(self, organization_id: int):
        """Forgets the organization's book: its visits were changed beside it."""
        self._books.pop(organization_id, None)

    def clear(self):
        """Forgets everything: a transaction was rolled back."""
        self._books.clear()
