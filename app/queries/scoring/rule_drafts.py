"""Drafts of scoring rules."""

from sqlalchemy import select

from app.extensions import db
from app.models import RuleDraft, User


def draft_of(kind: str, site_id: int | None) -> RuleDraft | None:
    """The draft of the interaction rules (no site) or of a site's session rules."""
    return db.session.scalar(
        select(RuleDraft).where(RuleDraft.kind == kind, RuleDraft.site_id == site_id)
    )


def editor(draft: RuleDraft) -> str | None:
    """The name of who saved it last."""
    return db.session.scalar(select(User.name).where(User.id == draft.updated_by_id))


def drafts() -> set[int | None]:
    """Of which rules there is a draft: the sites' ids, none for the interaction rules."""
    return set(db.session.scalars(select(RuleDraft.site_id)))
