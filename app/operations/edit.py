from datetime import datetime

from app.operations.audit import audit


def edit(
    row, values: dict, action: str, subject: str, *, user_id: int | None, now: datetime
) -> bool:
    """Gives a row these values and notes each that changed with what it was before.

    Whether anything changed.
    """
    changed = {n: [getattr(row, n), v] for n, v in values.items() if getattr(row, n) != v}
    if not changed:
        return False
    for name, (_, value) in changed.items():
        setattr(row, name, value)
    audit(action, subject, {"changed": changed}, user_id=user_id, now=now)
    return True
