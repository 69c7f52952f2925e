"""The quote's part in a mail: its PDF, and that it went out."""

from app.clients.mail import Attachment
from app.clock import utc_now
from app.operations.tools.follow_quote import note_sent
from app.operations.tools.print_quote import print_quote
from app.queries.tools.quotes import quote


def quote_file(quote_id: int) -> Attachment | None:
    """The PDF of a quote; none of somebody who was erased meanwhile."""
    found = quote(quote_id)
    return found and Attachment(f"{found.number}.pdf", "application/pdf", print_quote(found))


def quote_went_out(payload: dict) -> None:
    """Notes on the quote and in the log that the mail was taken."""
    note_sent(payload["quote_id"], now=utc_now())
