"""What the demo clinic's people have written down for themselves and each other."""

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from app.extensions import db
from app.models import Lead
from app.operations.leads.keep_view import keep_view
from app.operations.leads.plan_task import plan_task, tick_task
from app.operations.leads.write_note import write_note
from app.queries.leads.lead_list import assignable

DAY = timedelta(days=1)
LEADS = 12
# What is to be done, and in how many days from now.
TASKS = (
    ("Call back about the financing", -1),
    ("Send before and after pictures", 0),
    ("Ask Dr. Marchetti about the allergy", 1),
    ("Remind of the consultation", 2),
    ("Send the offer again, with fewer sessions", 5),
    ("Ask how it went", None),
)
NOTES = (
    "Prefers the evening; works until six.",
    "Had the same treatment elsewhere three years ago and was happy with it.",
    "Afraid of needles. Show the cream first.",
    "Wants to decide together with her sister: two appointments, one after the other.",
)


def write_down(seed: int, now: datetime) -> None:
    """Tasks and notes about the newest leads, and a view everybody shares."""
    chance = Random(f"desk {seed}")
    everybody = sorted(user.id for user in assignable())
    newest = select(Lead).order_by(Lead.created_at.desc(), Lead.id).limit(LEADS)
    for number, lead in enumerate(db.session.scalars(newest).all()):
        title, days = TASKS[number % len(TASKS)]
        whose = everybody[0] if number % 2 else lead.assignee_id or everybody[0]
        due_at = None if days is None else now.replace(minute=0, second=0) + days * DAY
        task = plan_task(lead, title, due_at=due_at, assignee_id=whose, user_id=whose, now=now)
        if number == LEADS - 1:
            tick_task(task, user_id=whose, now=now)
        if chance.random() < 0.5:
            write_note(lead, chance.choice(NOTES), user_id=whose, now=now)
    query = "temperature=warm&source=paid+search"
    keep_view("Warm, by advertising", query, shared=True, user_id=everybody[0], now=now)
