"""The contact form: edit it and see it, publish it, bring an earlier version back."""

from dataclasses import replace
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest

from app.access import role
from app.addresses import row_number
from app.asking import Asked, Person, thanks_to
from app.blueprints.admin import blueprint
from app.blueprints.admin import contact_form_draft as drafts
from app.caller import caller_id
from app.clock import utc_now
from app.domain.contact.contact_form import LEAD_FIELDS, MOST_STEPS
from app.domain.contact.form import DEFAULT_FORM, ContactForm, changes
from app.domain.tracking.event import TOOLS
from app.domain.wording import type_in_words
from app.extensions import db
from app.hosting import wants_part
from app.models import Lead
from app.operations.contact.publish_form import FormConflict, publish_form
from app.queries.contact import contact_form as queries

ADDRESS = "/admin/contact-form"
NO_USE = UUID(int=0)
SOMEBODY = "Ana"
FIRST_TOOL = "cost_calculator"


@blueprint.get(ADDRESS)
@role("admin")
def contact_form():
    """The form in force, to edit."""
    return _page(drafts.draft_of(queries.form()))


@blueprint.post(ADDRESS)
@role("admin")
def contact_form_edit():
    """Changes the draft as the pressed button says, or publishes it."""
    draft, do = _sent(), request.form.get("do", "check")
    if do == "publish":
        return _publish(draft)
    if do.startswith("add-field-"):
        step = request.form.get("do").rpartition("-")[2]
        what = request.form.get(f"what-{step}", "")
        in_hand = drafts.add_field(draft, int(step) if step.isdecimal() else 99, what)
    else:
        in_hand = drafts.arrange(draft, do)
    drafts.checked(draft)
    if do != "check":
        draft.errors = {}  # what was just added is not wrong yet
    return _page(draft, editing=True, in_hand=in_hand)


@blueprint.post(f"{ADDRESS}/preview")
@role("admin")
def contact_form_preview():
    """The form as visitors would see it, from what is typed so far; nothing is kept."""
    shown = _shown(drafts.as_typed(_sent()), request.form.get("beside", ""))
    template = "_preview" if wants_part() else "preview"
    return render_template(f"admin/contact_form/{template}.html", shown=shown, tools=None)


@blueprint.get(f"{ADDRESS}/preview")
@role("admin")
def contact_form_in_force():
    """The form in force as visitors see it, light and dark, at the width of a phone."""
    beside = request.args.get("beside", FIRST_TOOL)
    return render_template(
        "admin/contact_form/preview.html",
        shown=_shown(queries.form(), beside),
        tools={tool: type_in_words(tool) for tool in TOOLS},
        beside=beside,
    )


@blueprint.post(f"{ADDRESS}/bring-back")
@role("admin")
def contact_form_bring_back():
    """Publishes an earlier version again; version 0 is what comes with Leadlight."""
    number = request.form.get("version", type=row_number)
    old = queries.version(number) if number is not None else None
    if old is None:
        abort(404, "There is no such version.")
    draft = drafts.draft_of(old)
    draft.made_from = request.form.get("made_from", type=row_number) or 0
    draft.note = f"Version {number} brought back" if number else "Back to how it came"
    return _publish(draft)


def _publish(draft: drafts.Draft):
    form, in_force = drafts.checked(draft), queries.form()
    if form is None:
        return _page(draft, editing=True), 422
    told = changes(in_force, form)
    if not told and draft.made_from == in_force.version:
        flash("Nothing has changed, so nothing was published.", "info")
        return redirect(url_for("admin.contact_form"), 303)
    try:
        published = publish_form(
            form,
            made_from=draft.made_from,
            note=(draft.note or "; ".join(told))[:500],
            user_id=caller_id(),
            now=utc_now(),
        )
    except FormConflict as conflict:
        db.session.rollback()
        return _conflict(draft, conflict.version), 409
    db.session.commit()
    flash(f"Version {published.version} is in force. Visitors see it from now on.", "success")
    return redirect(url_for("admin.contact_form"), 303)


def _conflict(draft: drafts.Draft, version: int):
    """The draft again, beside what somebody else published meanwhile."""
    base, newest = queries.version(draft.made_from) or DEFAULT_FORM, queries.form()
    conflict = {
        "version": version,
        "by": queries.publisher(version),
        "changes": changes(base, newest),
    }
    draft.made_from = newest.version  # publishing again is a decision then
    return _page(draft, editing=True, conflict=conflict)


def _sent() -> drafts.Draft:
    try:
        return drafts.read(request.form)
    except ValueError:
        raise BadRequest("This is not the form of this page.") from None


def _page(draft: drafts.Draft, *, editing=False, in_hand=None, conflict=None):
    in_force = queries.form()
    typed = drafts.as_typed(draft)
    history, older = queries.history(request.args.get("before", type=row_number))
    beside = request.values.get("beside", FIRST_TOOL)
    template = "_editor" if wants_part() else "index"
    return render_template(
        f"admin/contact_form/{template}.html",
        draft=draft,
        in_force=in_force.version,
        editing=editing,
        conflict=conflict,
        in_hand=in_hand,
        changes=changes(in_force, typed) if editing else [],
        history=history,
        older=older,
        shown=_shown(typed, beside),
        beside=beside,
        label_of=_label_of,
        choices={
            "fields": LEAD_FIELDS,
            "consents": drafts.CONSENTS,
            "kinds": drafts.KINDS,
            "tools": {tool: type_in_words(tool) for tool in TOOLS},
            "most_steps": MOST_STEPS,
        },
    )


def _shown(form: ContactForm, tool: str) -> list[tuple[str, Asked]]:
    """Every state of the form beside a tool, each with a few words about it."""
    words, total, states = form.words_for(tool), len(form.steps), []
    for number, step in enumerate(form.steps, start=1):
        if number == 1:
            step = form.step_with_privacy(step)
        asked = _asked(form, words, f"preview-{number}", step, number, total)
        states.append((f"Step {number} of {total}", asked))
    done = _asked(form, words, "preview-thanks", None, total, total)
    return [*states, ("When all is answered", done)]


def _asked(form, words, place, step, number, total) -> Asked:
    # Nobody's: the thanks only need a name and a way to reach them.
    somebody = Person(Lead(), True, frozenset(("email",)), SOMEBODY)
    return Asked(
        event_id=NO_USE,
        step=step,
        number=number,
        total=total,
        stamp="",
        known=False,
        person=somebody,
        words=words,
        thanks=thanks_to(somebody, form, words),
        version=form.version,
        place=place,
        preview=True,
    )


@blueprint.app_template_filter("placed")
def placed(asked: Asked, suffix: str) -> Asked:
    """The same form with ids of its own, where it stands twice on a page."""
    return replace(asked, place=f"{asked.place}-{suffix}")


def _label_of(name: str) -> str:
    """What the page calls an input: steps-1-fields-0-label is the label of question 1, step 2."""
    parts = name.split("-")
    if parts[0] == "steps" and len(parts) > 1:
        what = WHAT.get(parts[-1], parts[-1])
        question = f", question {int(parts[3]) + 1}" if len(parts) > 4 else ""
        return f"Step {int(parts[1]) + 1}{question}: {what}"
    if parts[0] == "tools":
        return f"{type_in_words(parts[1])}: {parts[-1]}"
    return {"thanks-title": "Thanks, title", "privacy-label": "Privacy notice"}.get(name, name)


WHAT = {"fields": "what is asked", "require_any": "what is required", "options": "answers"}
