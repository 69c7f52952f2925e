"""Keep a draft of scoring rules: one for the interaction rules, one for each site's."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import RuleDraft
from app.operations.audit import audit
from app.queries.scoring.rule_drafts import draft_of

KEPT = 20  # earlier bodies, for undoing and for joining two people's edits


class DraftConflict(Exception):
    """Somebody saved the draft since it was read; `draft` is theirs, None when it is gone."""

    def __init__(self, draft: RuleDraft | None):
        super().__init__("The draft was saved in the meantime.")
        self.draft = draft


def save_draft(
    kind: str,
    site_id: int | None,
    body: dict,
    *,
    made_from: int,
    revision: int,
    changes: list[str] | None,
    user_id: int | None,
    now: datetime,
) -> RuleDraft:
    """Keeps the draft as it was typed; `revision` is the one that was edited, 0 for none.

    `changes` says in words what it changes of the rules in force (None: not to be read yet).
    Raises DraftConflict when somebody else saved or discarded it since.
    """
    draft = draft_of(kind, site_id)
    if (draft.revision if draft else 0) != revision:
        raise DraftConflict(draft)
    if draft and (draft.body, draft.made_from) == (body, made_from):
        return draft
    if draft is None:
        draft = _add(RuleDraft(kind=kind, site_id=site_id, revision=0, earlier=[], created_at=now))
    else:
        before = [draft.revision, draft.made_from, draft.body]
        draft.earlier = [*draft.earlier, before][-KEPT:]
    draft.body, draft.made_from, draft.revision = body, made_from, revision + 1
    draft.updated_at, draft.updated_by_id = now, user_id
    detail = {"revision": draft.revision, "changes": changes}
    audit("rules.draft_saved", subject_of(kind, site_id), detail, user_id=user_id, now=now)
    return _flushed(draft)


def undo_draft(draft: RuleDraft, *, user_id: int | None, now: datetime) -> bool:
    """Takes back what was saved last; whether there was anything to take back."""
    if not draft.earlier:
        return False
    *earlier, (_, made_from, body) = draft.earlier
    draft.earlier, draft.made_from, draft.body = earlier, made_from, body
    # The number goes on, so that nobody saves on top of what was undone.
    draft.revision += 1
    draft.updated_at, draft.updated_by_id = now, user_id
    detail = {"revision": draft.revision}
    subject = subject_of(draft.kind, draft.site_id)
    audit("rules.draft_undone", subject, detail, user_id=user_id, now=now)
    db.session.flush()
    return True


def discard_draft(draft: RuleDraft, *, user_id: int | None, now: datetime) -> None:
    """Throws the draft away; the audit log keeps what it was."""
    detail = {"made_from": draft.made_from, "draft": draft.body}
    subject = subject_of(draft.kind, draft.site_id)
    audit("rules.draft_discarded", subject, detail, user_id=user_id, now=now)
    db.session.delete(draft)
    db.session.flush()


def subject_of(kind: str, site_id: int | None) -> str:
    """What the audit log calls the rules."""
    return "interaction rules" if kind == "interaction" else f"session rules of site {site_id}"


def _add(draft: RuleDraft) -> RuleDraft:
    draft.body, draft.made_from, draft.updated_at = {}, 0, draft.created_at
    return draft


def _flushed(draft: RuleDraft) -> RuleDraft:
    """Two people may begin a draft at once on PostgreSQL; the key lets one through."""
    try:
        with db.session.begin_nested():
            db.session.add(draft)
    except IntegrityError:
        raise DraftConflict(draft_of(draft.kind, draft.site_id)) from None
    return draft
