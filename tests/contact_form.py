"""Browsers that answer the contact form, and what is kept of their answers."""

from uuid import uuid4

from sqlalchemy import select

from app.extensions import db
from app.models import Interaction
from app.tenancy import acting_for
from tests.passerby import Passerby


def rows(cast, model, *conditions):
    db.session.expire_all()
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(model).where(*conditions)))


def types(cast):
    return [row.type for row in rows(cast, Interaction)]


def in_mode(cast, mode):
    with acting_for(cast.clinic):
        cast.site.identity_mode = mode
        db.session.commit()


def with_cookie(app, visitor_id=None):
    """A browser of its own that keeps the snippet's cookie."""
    client = app.test_client()
    client.set_cookie("ll_visitor", str(visitor_id or uuid4()), domain="localhost")
    return Passerby(client)


def answer_everything(visitor, email):
    visitor.calculate("ipl")
    visitor.answer(email=email)
    visitor.answer(first_name="Ana", last_name="Reyes", phone="+33612345678")
    visitor.answer(budget="low", urgency="this_month", preferred_time="evening")
    visitor.answer(notes="None")
