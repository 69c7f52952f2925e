"""Who may. Every view says so itself, by @public or @role; one that says nothing is closed."""

from contextlib import ExitStack

from flask import abort, current_app, g, redirect, request, session, url_for
from flask_login import current_user

from app import rate_limit, tenancy
from app.clock import utc_now
from app.errors import ApiError, wants_json
from app.extensions import csrf, db, login, writing
from app.models import Membership, Organization, User
from app.models.user import ROLES
from app.queries import access as queries

SAFE = ("GET", "HEAD", "OPTIONS")


def public(view=None, *, csrf_exempt=False):
    """Anyone may call it. `csrf_exempt` is for a door that programs of strangers use."""

    def mark(view):
        view.access = ("public", csrf_exempt)
        return view

    return mark(view) if view else mark


def role(least: str):
    """Signed-in users and API tokens of the organization with this role or a higher one."""
    if least not in ROLES:
        raise ValueError(f"{least!r} is not one of {ROLES}")

    def mark(view):
        view.access = ("role", least)
        return view

    return mark


def init_app(app):
    login.init_app(app)
    login.login_view = "auth.login"
    login.session_protection = "basic"
    login.user_loader(_load_user)
    app.before_request(_guard)
    app.teardown_request(_leave)


def _load_user(remembered: str) -> User | None:
    number = remembered.partition(":")[0]
    user = db.session.get(User, int(number)) if number.isdecimal() else None
    return user if user and user.active and user.get_id() == remembered else None


def _guard():
    g.doors = ExitStack()
    if request.method not in SAFE:
        request.get_data()  # a slow sender is waited for before the database is held, not after
        g.doors.enter_context(writing())
    view = current_app.view_functions.get(request.endpoint)
    if view is None:
        return None  # 404 and 405 answer themselves
    kind, detail = getattr(view, "access", ("closed", None))
    if request.endpoint == "static" or kind == "public":
        if request.method not in SAFE and not detail:
            csrf.protect()
        return None
    if kind == "closed":
        abort(403, "This address says nothing of who may call it, so nobody may.")
    return _enter(detail)


def _enter(least: str):
    bearer = request.headers.get("Authorization", "")
    if bearer.startswith("Bearer "):
        return _enter_with_token(bearer[7:].strip(), least)
    if not current_user.is_authenticated:
        if wants_json():
            rate_limit.count_stranger()
            raise ApiError(401, "Sign in, or send an API token as Authorization: Bearer.")
        return redirect(url_for("auth.login", next=request.full_path.rstrip("?")))
    rate_limit.count_user(current_user.id)
    if request.method not in SAFE:
        csrf.protect()
    g.memberships = queries.memberships_of(current_user.id)
    membership = _chosen(g.memberships)
    _act_for(membership.organization_id, membership.role, least)
    return None


def _enter_with_token(secret: str, least: str):
    rate_limit.refuse_token(secret)
    token = queries.live_token(secret)
    if token is None:
        rate_limit.count_stranger()
        raise ApiError(401, "This API token is unknown or was revoked.")
    rate_limit.count_token(secret)
    asked = request.headers.get("X-Org-Id")
    if asked and asked != str(token.organization_id):
        raise ApiError(403, "This API token belongs to another organization.")
    _act_for(token.organization_id, token.role, least)
    g.token_id = token.id


def _chosen(memberships: list[Membership]) -> Membership:
    """The organization asked for by X-Org-Id or picked in the switch; else the first."""
    if not memberships:
        raise ApiError(403, "You belong to no organization yet. Ask an owner to add you.")
    asked = request.headers.get("X-Org-Id")
    if asked:
        for membership in memberships:
            if str(membership.organization_id) == asked:
                return membership
        raise ApiError(403, "You do not belong to that organization.")
    picked = session.get("organization_id")
    return next((m for m in memberships if m.organization_id == picked), memberships[0])


def _act_for(organization_id: int, have: str, least: str):
    if ROLES.index(have) < ROLES.index(least):
        raise ApiError(403, f"This needs the role {least} or higher; yours is {have}.")
    g.doors.enter_context(tenancy.acting_for(organization_id))
    g.organization = db.session.get(Organization, organization_id)
    g.role = have


def may(least: str) -> bool:
    """Whether the caller has this role or a higher one; for templates that hide what is refused."""
    have = g.get("role")
    return have is not None and ROLES.index(have) >= ROLES.index(least)


def _leave(error=None):
    doors = g.pop("doors", None)
    if doors:
        doors.close()


def touch_token(now=None):
    """Notes that the calling token was used; the edge calls it where it commits anyway."""
    if g.get("token_id"):
        queries.token(g.token_id).last_used_at = now or utc_now()


__all__ = ["may", "public", "role", "touch_token"]
