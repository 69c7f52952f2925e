"""The page on which rules are edited, also when somebody else was quicker."""

from flask import abort, render_template, request
from werkzeug.exceptions import BadRequest

from app.addresses import row_number
from app.blueprints.admin.rules import interaction_form, session_form
from app.blueprints.admin.rules.draft import Typed
from app.blueprints.admin.rules.kinds import Rules
from app.blueprints.admin.rules.trial import asked_for, examples, own_example, score_of
from app.domain.scoring.condition import FIELD_KINDS, FIELD_VALUES, FIELDS, OPERATORS, SUITED
from app.domain.scoring.rules import KINDS, TOOL_TYPES
from app.domain.tracking.channel import CHANNELS
from app.operations.scoring.edit_rule_draft import DraftConflict
from app.operations.scoring.publish_rules import RESCORE
from app.queries import jobs
from app.queries.catalogue.catalogue import treatments
from app.queries.scoring.rule_drafts import drafts, editor
from app.queries.tracking.sites import sites

ADDRESS = "/admin/comprehensive/lead-scoring"
OF_VISITS = f"{ADDRESS}/sessions/<int:site_id>"
RANGES = {
    "30 days": "the last 30 days",
    "90 days": "the last 90 days",
    "365 days": "the last year",
    "last 10000": "the last 10,000",
    "last 100000": "the last 100,000",
    "all": "everything",
}
NORMAL_RANGE = "90 days"
MOST_BYTES = 300_000


def published_meanwhile(of: Rules, form: Typed):
    """The draft again, on top of the newest version, beside what that one changed."""
    version, base = of.version(), of.of_version(form.made_from)
    made_from = form.made_from if base else 0
    newest = of.form_of(version)
    newest.revision = form.revision
    conflict = {
        "what": f"published version {version}",
        "by": of.publisher(version),
        "changes": list(of.changes(of.of_version(made_from), of.in_force())),
        "newer": f"version {version}",
    }
    of.form.take_over(form, of.form_of(made_from), newest)
    return rules_page(of, form, conflict=conflict), 409


def saved_meanwhile(of: Rules, form: Typed, problem: DraftConflict):
    """What was typed again, joined with the draft that somebody else saved since."""
    theirs = of.draft()
    base = _as_it_was(of, form)
    read = [of.form.rules_of(each) for each in (base, theirs)]
    conflict = {
        "what": "changed the draft" if of.stored else "discarded the draft",
        "by": editor(of.stored) if of.stored else None,
        "changes": list(of.changes(*read)) if all(read) else [],
        "newer": "their draft" if of.stored else "the rules in force",
    }
    of.form.take_over(form, base, theirs)
    return rules_page(of, form, conflict=conflict), 409


def _as_it_was(of: Rules, form: Typed) -> Typed:
    """The draft that the form was read from, or the rules it was made from."""
    for revision, made_from, body in of.stored.earlier if of.stored else []:
        if revision == form.revision:
            return of.form.from_body(body, made_from, revision)
    return of.form_of(form.made_from if of.of_version(form.made_from) else 0)


def rules_page(of: Rules, form: Typed, *, checked=True, conflict=None, unseen=False):
    """The page of the rules with this form in hand."""
    typed, in_force, stored = of.form.rules_of(form), of.in_force(), of.stored
    history, older = of.history(request.args.get("before", type=row_number))
    differs = typed is not None and of.to_json(typed) != of.to_json(in_force)
    by = [in_force, typed] if differs else [in_force]
    given = own_example(of)
    rescore = jobs.newest(RESCORE) if of.kind == "interaction" else None
    return render_template(
        "admin/rules/index.html",
        of=of,
        form=form,
        wrong=form.errors if checked else {},
        unfinished=len(form.errors),
        draft=stored,
        drafted_by=editor(stored) if stored else None,
        drafts=drafts(),
        version=of.version(),
        conflict=conflict,
        unseen=unseen,
        changes=list(of.changes(in_force, typed)) if typed else None,
        row=request.args.get("row", type=row_number),
        history=history,
        older=older,
        examples=examples(of, *by),
        tried=[score_of(given, each) for each in by],
        asked=asked_for(given),
        sites=sites(),
        job=rescore,
        **_choices(of, form),
    )


def _choices(of: Rules, form: Typed) -> dict:
    """What the fields of this kind offer."""
    if of.kind == "session":
        return {"points": session_form.POINTS}
    return {
        "in_words": interaction_form.in_words,
        "doubts": interaction_form.doubts_of(form),
        "choices": {
            "types": {kind: interaction_form.TYPE_NAMES[kind] for kind in TOOL_TYPES},
            "kinds": {kind: kind.capitalize() for kind in KINDS},
            "fields": FIELDS,
            "operators": {name: operator.label for name, operator in OPERATORS.items()},
            "counted": interaction_form.COUNTED,
            "values": _values(),
            "field_kinds": FIELD_KINDS,
            "suited": SUITED,
        },
    }


def _values() -> dict[str, list[str]]:
    """What may be picked as the value of a field."""
    offered = treatments()
    return {
        **{name: list(values) for name, values in FIELD_VALUES.items()},
        "interaction.procedures": [one.slug for one in offered],
        "interaction.concerns": sorted({c for one in offered for c in one.concerns}),
        "session.channel": list(CHANNELS),
    }


def sent(of: Rules) -> Typed:
    """The form that was sent; 400 when it is not that form at all, 413 when it is absurd."""
    if (request.content_length or 0) > MOST_BYTES:
        abort(413, "That is more than rules can be: 100 rules with short names. Nothing was kept.")
    try:
        return of.form.read(request.form)
    except ValueError:
        raise BadRequest("This is not the form of this page.") from None


def whole_sent(name: str) -> int:
    """A whole number of the form; 400 without."""
    value = request.form.get(name, type=row_number)
    return abort(400, f"{name} must be a whole number.") if value is None else value
