"""Publish a draft of rules, look at the versions, bring an old one back."""

from flask import abort, flash, redirect, render_template, request

from app.access import role
from app.addresses import row_number
from app.blueprints.admin import blueprint
from app.blueprints.admin.rules.draft import Typed
from app.blueprints.admin.rules.kinds import Rules, rules_of
from app.blueprints.admin.rules.page import (
    ADDRESS,
    OF_VISITS,
    published_meanwhile,
    rules_page,
    whole_sent,
)
from app.blueprints.admin.rules.preview import preview_of
from app.caller import caller_id
from app.clock import utc_now
from app.extensions import db
from app.operations.scoring.publish_rules import VersionConflict
from app.queries.tracking.sites import sites


@blueprint.post(f"{ADDRESS}/publish")
@blueprint.post(f"{OF_VISITS}/publish")
@role("admin")
def rules_publish(site_id=None):
    """Publishes the draft as it was when the page was opened."""
    of = rules_of(site_id)
    stored = of.stored
    if stored is None or stored.revision != whole_sent("revision"):
        flash("The draft has changed since. Look at it and preview it again.", "warning")
        return redirect(of.address(), 303)
    form = of.kept(stored)
    form.note = request.form.get("note", "").strip() or form.note
    return publish(of, form)


def publish(of: Rules, form: Typed):
    """Puts the kept draft in force; it must have been previewed, or be wanted unseen."""
    rules = of.form.rules_of(form)
    if rules is None:
        return rules_page(of, form), 422
    if form.made_from != of.version():
        return published_meanwhile(of, form)
    changed = list(of.changes(of.in_force(), rules))
    if not changed:
        flash("Nothing has changed, so nothing was published.", "info")
        return redirect(of.address(), 303)
    if "unseen" not in request.form and not preview_of(of, rules):
        return rules_page(of, form, unseen=True), 422
    return _publish(of, rules, made_from=form.made_from, note=form.note or "; ".join(changed))


def _publish(of: Rules, rules, *, made_from: int, note: str, brought_back: int | None = None):
    stored = of.stored
    try:
        published = of.publish(
            rules,
            user_id=caller_id(),
            note=note,
            now=utc_now(),
            made_from=made_from,
            brought_back=brought_back,
        )
    except VersionConflict as conflict:
        db.session.rollback()
        flash(f"{conflict} Look at what it changed before you go on.", "warning")
        return redirect(of.address("admin.rules_versions"), 303)
    if stored and brought_back is None:
        db.session.delete(stored)
    db.session.commit()
    flash(f"Version {published.version} is in force: it {of.words.in_force}.", "success")
    return redirect(of.address(), 303)


@blueprint.post(f"{ADDRESS}/bring-back")
@blueprint.post(f"{OF_VISITS}/bring-back")
@role("admin")
def rules_bring_back(site_id=None):
    """Publishes an old version anew, as the newest."""
    of, version = rules_of(site_id), whole_sent("version")
    old = of.of_version(version)
    if old is None:
        abort(404, f"There is no version {version}.")
    return _publish(
        of,
        old,
        made_from=whole_sent("made_from"),
        note=f"Version {version} brought back",
        brought_back=version,
    )


@blueprint.get(f"{ADDRESS}/versions")
@blueprint.get(f"{OF_VISITS}/versions")
@role("analyst")
def rules_versions(site_id=None):
    """Every version, and what differs between two of them."""
    of = rules_of(site_id)
    newest = of.version()
    before, after = (
        request.args.get(name, default, type=row_number)
        for name, default in (("a", max(newest - 1, 0)), ("b", newest))
    )
    both = [of.of_version(version) for version in (before, after)]
    history, older = of.history(request.args.get("before", type=row_number))
    return render_template(
        "admin/rules/versions.html",
        of=of,
        version=newest,
        a=before,
        b=after,
        missing=[n for n, rules in zip((before, after), both, strict=True) if rules is None],
        changes=list(of.changes(*both)) if all(both) else [],
        history=history,
        older=older,
        sites=sites(),
    )
