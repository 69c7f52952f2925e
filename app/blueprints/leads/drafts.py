"""Which form of a lead's page was taken, so that the browser keeps its draft no longer."""

from flask import session

SENT = "sent"


def sent(lead_id: int, form: str) -> None:
    """To be called once what a form of the lead's page asked for is done."""
    session[SENT] = [lead_id, form]


def taken(lead_id: int) -> str:
    """The form of this lead's page that was just taken, told once; "" when there is none."""
    if session.get(SENT, [None])[0] != lead_id:
        return ""
    return session.pop(SENT)[1]
