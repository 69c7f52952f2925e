"""A site's session rules: read, try, edit, publish, bring back, reset."""

from flask import abort, flash, redirect, render_template, request, url_for

from app.access import role
from app.addresses import row_number
from app.blueprints.admin import blueprint, session_rules_form
from app.blueprints.admin.rules import ADDRESS, sent, whole, whole_sent
from app.caller import caller_id
from app.clock import utc_now
from app.domain.session_score import DEFAULT_SESSION_RULES, SessionFacts, score_session
from app.extensions import db
from app.operations.publish_rules import VersionConflict, publish_session_rules
from app.queries import rules_history
from app.queries.rules import session_rules
from app.queries.sites import site as find_site
from app.queries.sites import sites

NAMES = {
    "duration_bands": "Duration bands",
    "labels": "Important labels",
    "important_labels": "Important labels",
    "half_life_days": "Half-life",
    **session_rules_form.POINTS,
}


@blueprint.get(f"{ADDRESS}/sessions/<int:site_id>")
@role("analyst")
def rules_of_visits(site_id):
    site = _site(site_id)
    version = rules_history.session_version(site_id)
    return _session_page(site, session_rules_form.draft_of(session_rules(site_id), version))


@blueprint.post(f"{ADDRESS}/sessions/<int:site_id>")
@role("admin")
def rules_of_visits_publish(site_id):
    site = _site(site_id)
    draft = sent(session_rules_form.read)
    do = request.form.get("do", "check")
    if do == "reset":
        draft = session_rules_form.draft_of(DEFAULT_SESSION_RULES, draft.made_from)
        draft.note = "Back to the defaults"
        do = "publish"
    if do != "publish":
        session_rules_form.arrange(draft, do)
    typed = session_rules_form.session_rules_of(draft)
    if do != "publish":
        if do != "check":
            draft.errors = {}
        return _session_page(site, draft, editing=True, typed=typed)
    if typed is None:
        return _session_page(site, draft, editing=True), 422
    return _publish_session(site, draft, typed)


def _publish_session(site, draft, typed):
    site_id = site.id
    changed = list(rules_history.session_changes(session_rules(site.id), typed))
    here = url_for("admin.rules_of_visits", site_id=site.id)
    if not changed and draft.made_from == rules_history.session_version(site.id):
        flash("Nothing has changed, so nothing was published.", "info")
        return redirect(here, 303)
    try:
        published = publish_session_rules(
            site,
            typed,
            user_id=caller_id(),
            note=draft.note or "; ".join(changed),
            now=utc_now(),
            made_from=draft.made_from,
        )
    except VersionConflict:
        db.session.rollback()
        return _session_conflict(site_id, draft), 409
    db.session.commit()
    flash(f"Version {published.version} is in force for visits that begin from now on.", "success")
    return redirect(here, 303)


def _session_conflict(site_id: int, draft):
    site, in_force = _site(site_id), session_rules(site_id)
    version = rules_history.session_version(site_id)
    base = rules_history.session_rules_version(site_id, draft.made_from) or DEFAULT_SESSION_RULES
    conflict = {
        "version": version,
        "by": rules_history.publisher("session", site_id, version),
        "changes": list(rules_history.session_changes(base, in_force)),
    }
    session_rules_form.take_over(draft, base, in_force, version)
    typed = session_rules_form.session_rules_of(draft)
    return _session_page(site, draft, editing=True, typed=typed, conflict=conflict)


@blueprint.post(f"{ADDRESS}/sessions/<int:site_id>/bring-back")
@role("admin")
def rules_of_visits_bring_back(site_id):
    site = _site(site_id)
    version, made_from = whole_sent("version"), whole_sent("made_from")
    old = rules_history.session_rules_version(site_id, version)
    if old is None:
        abort(404, f"There is no version {version}.")
    draft = session_rules_form.draft_of(old, made_from)
    draft.note = f"Version {version} brought back"
    return _publish_session(site, draft, old)


def _session_page(site, draft, *, editing=False, typed=None, conflict=None):
    in_force = session_rules(site.id)
    before = request.args.get("before", type=row_number)
    history, older = rules_history.session_history(site.id, before)
    given = {
        "seconds": whole("seconds", 480),
        "pages": whole("pages", 4),
        "regular": whole("regular", 3),
        "important": whole("important", 1),
    }
    return render_template(
        "admin/rules/session.html",
        site=site,
        sites=sites(),
        draft=draft,
        version=rules_history.session_version(site.id),
        editing=editing,
        conflict=conflict,
        changes=list(rules_history.session_changes(in_force, typed)) if typed else None,
        focus_on=None,
        history=history,
        older=older,
        points=session_rules_form.POINTS,
        label_of=_label_of,
        address=url_for("admin.rules_of_visits", site_id=site.id),
        tried={"given": given, "score": score_session(SessionFacts(*given.values()), in_force)},
    )


def _label_of(name: str) -> str:
    """What the page calls a field: "bands-2-points" is the points of band 3."""
    if name.startswith("bands-"):
        _, place, what = name.split("-")
        return f"Band {int(place) + 1}, {what.replace('_', ' ')}"
    return NAMES.get(name, name)


def _site(site_id: int):
    return find_site(site_id) or abort(404)
