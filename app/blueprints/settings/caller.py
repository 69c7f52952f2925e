from flask_login import current_user


def caller_id() -> int | None:
    """Who the audit log names: the signed-in user; none for a program's token."""
    return current_user.id if current_user.is_authenticated else None
