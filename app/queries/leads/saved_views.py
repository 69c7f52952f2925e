"""The views of the leads that users keep."""

from typing import NamedTuple

from sqlalchemy import func, or_, select

from app.extensions import db
from app.models import SavedView, User


class Kept(NamedTuple):
    """A view, and the name of whose it is."""

    view: SavedView
    owner: str


def views(user_id: int | None) -> list[Kept]:
    """The views that a user sees, their own and those shared by others, by name."""
    wanted = select(SavedView, User.name).join(User, User.id == SavedView.user_id)
    rows = wanted.where(_seen_by(user_id)).order_by(func.lower(SavedView.name), SavedView.id)
    return [Kept(*row) for row in db.session.execute(rows)]


def view(view_id: int, user_id: int | None) -> SavedView | None:
    """A view that the user sees: their own, or one that is shared."""
    return db.session.scalar(select(SavedView).where(SavedView.id == view_id, _seen_by(user_id)))


def view_named(name: str, user_id: int) -> SavedView | None:
    """A user's own view of this name, however it is written."""
    return db.session.scalar(
        select(SavedView).where(
            SavedView.user_id == user_id, func.lower(SavedView.name) == func.lower(name)
        )
    )


def count_of(user_id: int) -> int:
    """How many views a user keeps."""
    return db.session.scalar(
        select(func.count()).select_from(SavedView).where(SavedView.user_id == user_id)
    )


def _seen_by(user_id: int | None):
    return or_(SavedView.shared, SavedView.user_id == user_id)
