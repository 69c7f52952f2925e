"""The scoring rules: read, try, edit, publish, bring back."""

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest

from app.access import role
from app.addresses import row_number
from app.blueprints.admin import blueprint, rules_form
from app.caller import caller_id
from app.clock import utc_now
from app.domain.contact_form import should_show
from app.domain.cost import BUDGETS, URGENCIES
from app.domain.interaction_score import engagement_level, score_interaction
from app.domain.rules import DEFAULT_RULE_SET, FIELDS, KINDS, OPERATORS, TOOL_TYPES, RuleSet
from app.extensions import db
from app.operations.publish_rules import VersionConflict, publish_interaction_rules
from app.queries import rules_history
from app.queries.rules import interaction_rules
from app.queries.sites import sites

ADDRESS = "/admin/comprehensive/lead-scoring"
MOST = 100_000
NAMES = {
    "levels": "Levels",
    "high_intent_limit": "High-intent limit",
    "cap": "Cap",
    "rules": "Rules",
}


@blueprint.get(ADDRESS)
@role("analyst")
def rules():
    in_force = interaction_rules()
    return _rules_page(rules_form.draft_of(in_force), in_force)


@blueprint.post(ADDRESS)
@role("admin")
def rules_publish():
    draft = sent(rules_form.read)
    do = request.form.get("do", "check")
    focus_on = rules_form.arrange(draft, do) if do != "publish" else None
    rule_set = rules_form.rule_set_of(draft)
    in_force = interaction_rules()
    if do != "publish":
        if do != "check":
            draft.errors = {}  # a rule just added is not wrong yet
        return _rules_page(draft, in_force, editing=True, typed=rule_set, focus_on=focus_on)
    if rule_set is None:
        return _rules_page(draft, in_force, editing=True), 422
    return _publish(draft, rule_set, in_force)


def _publish(draft, rule_set: RuleSet, in_force: RuleSet):
    changed = list(rules_history.changes(in_force, rule_set))
    if not changed and draft.made_from == in_force.version:
        flash("Nothing has changed, so nothing was published.", "info")
        return redirect(url_for("admin.rules"), 303)
    try:
        published = publish_interaction_rules(
            rule_set,
            user_id=caller_id(),
            note=draft.note or "; ".join(changed),
            now=utc_now(),
            made_from=draft.made_from,
        )
    except VersionConflict:
        db.session.rollback()
        return _rules_conflict(draft), 409
    db.session.commit()
    flash(f"Version {published.version} is in force. Scores from now on use it.", "success")
    return redirect(url_for("admin.rules"), 303)


def _rules_conflict(draft):
    """The draft again, on top of the newest version, beside what that one changed."""
    in_force = interaction_rules()
    base = rules_history.interaction_version(draft.made_from) or DEFAULT_RULE_SET
    conflict = {
        "version": in_force.version,
        "by": rules_history.publisher("interaction", None, in_force.version),
        "changes": list(rules_history.changes(base, in_force)),
    }
    rules_form.take_over(draft, base, in_force)
    typed = rules_form.rule_set_of(draft)
    return _rules_page(draft, in_force, editing=True, typed=typed, conflict=conflict)


@blueprint.post(f"{ADDRESS}/bring-back")
@role("admin")
def rules_bring_back():
    version, made_from = whole_sent("version"), whole_sent("made_from")
    old = rules_history.interaction_version(version)
    if old is None:
        abort(404, f"There is no version {version}.")
    draft = rules_form.draft_of(old)
    draft.made_from = made_from
    draft.note = f"Version {version} brought back"
    return _publish(draft, old, interaction_rules())


def _rules_page(
    draft, in_force: RuleSet, *, editing=False, typed=None, conflict=None, focus_on=None
):
    history, older = rules_history.interaction_history(request.args.get("before", type=row_number))
    return render_template(
        "admin/rules/index.html",
        draft=draft,
        in_force=in_force,
        editing=editing,
        conflict=conflict,
        changes=list(rules_history.changes(in_force, typed)) if typed else None,
        focus_on=focus_on,
        history=history,
        older=older,
        tried=_tried(in_force),
        sites=sites(),
        in_words=rules_form.in_words,
        label_of=_label_of,
        address=url_for("admin.rules"),
        choices={
            "types": {kind: rules_form.TYPE_NAMES[kind] for kind in TOOL_TYPES},
            "kinds": {kind: kind.capitalize() for kind in KINDS},
            "fields": FIELDS,
            "operators": {name: operator.label for name, operator in OPERATORS.items()},
            "counted": rules_form.COUNTED,
            "budgets": BUDGETS,
            "urgencies": URGENCIES,
        },
    )


def _tried(rule_set: RuleSet) -> dict:
    """The try-it panel: what was asked, and the score by the rules in force."""
    given = {
        "tool": request.args.get("tool", TOOL_TYPES[2]),
        "procedures": whole("procedures", 1),
        "budget": request.args.get("budget", ""),
        "urgency": request.args.get("urgency", ""),
        "engaged": whole("engaged", 0),
        "earlier": whole("earlier", 0),
        "sessions": whole("sessions", 1),
    }
    facts = {
        "interaction": {
            "type": given["tool"],
            "procedures": [f"procedure {n}" for n in range(min(given["procedures"], 50))],
            "budget": given["budget"] or None,
            "urgency": given["urgency"] or None,
        },
        "session": {"engaged_seconds": given["engaged"]},
        "visitor": {"earlier_high_intent": given["earlier"], "sessions": given["sessions"]},
    }
    score = score_interaction(facts, rule_set)
    decision = should_show(
        score.points, given["tool"], given["earlier"] + 1, False, False, rule_set
    )
    return {
        "given": given,
        "score": score,
        "level": engagement_level(score.points, rule_set),
        "decision": decision,
    }


def _label_of(name: str) -> str:
    """What the page calls a field: "rules-2-points" is the points of rule 3."""
    if name.startswith("rules-"):
        _, place, what = name.split("-")
        return f"Rule {int(place) + 1}, {what.replace('_', ' ')}"
    kind = name.removeprefix("threshold-")
    if kind != name:
        return f"Threshold of {rules_form.TYPE_NAMES.get(kind, kind)}"
    return NAMES.get(name, name)


def sent(read):
    """The draft in the form that was sent; 400 when it is not that form at all."""
    try:
        return read(request.form)
    except ValueError:
        raise BadRequest("This is not the form of this page.") from None


def whole(name: str, default: int) -> int:
    """A whole number from the address, 0..MOST."""
    return min(max(request.args.get(name, default, type=int), 0), MOST)


def whole_sent(name: str) -> int:
    """A whole number of the form; 400 without."""
    value = request.form.get(name, type=row_number)
    return abort(400, f"{name} must be a whole number.") if value is None else value
