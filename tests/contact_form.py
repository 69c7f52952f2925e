"""Browsers that answer the contact form, and what is kept of their answers."""

from sqlalchemy import select

from app.extensions import db
from app.models import Interaction
from app.tenancy import acting_for


def rows(cast, model, *conditions):
    db.session.expire_all()
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(model).where(*conditions)))


def types(cast):
    return [row.type for row in rows(cast, Interaction)]


def answer_everything(visitor, email):
    visitor.calculate("ipl")
    visitor.answer(email=email)
    visitor.answer(first_name="Ana", last_name="Reyes", phone="+33612345678")
    visitor.answer(budget="low", urgency="this_month", preferred_time="evening")
    visitor.answer(notes="None")
