import secrets
from datetime import datetime

from app.extensions import db
from app.models import ApiToken
from app.operations.audit import audit


def issue_token(name: str, role: str, *, user_id: int | None, now: datetime) -> str:
    """A new API token's secret, to be shown once: only its hash is kept.

    `role` is what it may do; it is nobody's, so that an agent's has all leads of the organization.
    """
    secret = f"ll_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        name=name,
        role=role,
        token_hash=ApiToken.digest(secret),
        prefix=secret[:8],
        created_at=now,
    )
    db.session.add(token)
    db.session.flush()
    detail = {"name": name, "role": role}
    audit("token.created", f"token {token.id}", detail, user_id=user_id, now=now)
    return secret
