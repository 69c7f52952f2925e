"""What the forms of a lead's page have in common: whose lead it is, and the page they stand on."""

from datetime import date, datetime, time
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import abort, g, render_template, request, url_for

from app.access import may
from app.blueprints.leads import consents_shown, journey_shown, present, score_shown
from app.blueprints.leads.choices_shown import OTHER, offered
from app.blueprints.leads.credit_shown import credits
from app.blueprints.leads.drafts import taken
from app.caller import caller_id, may_change_leads, own_leads_of
from app.clock import utc_now
from app.domain.contact.form import ContactForm
from app.domain.leads.choices import Choices
from app.domain.leads.lifecycle import LABELS, MOVES, NEEDS_REASON, PATH, STAGES
from app.domain.leads.told_consent import WAYS
from app.domain.scoring.lead_score import LeadRules
from app.domain.validation import Invalid
from app.models import Interaction, Lead, LeadJourney
from app.operations.tracking.log_engagement import LOGGED
from app.queries.attribution.attribution import of_lead
from app.queries.contact import contact_form
from app.queries.cursor import Cursor
from app.queries.journeys.journey_rules import attribution_rules, journey_rules
from app.queries.leads import lead_page as queries
from app.queries.leads.lead_desk import beside, desk
from app.queries.leads.lead_list import find
from app.queries.leads.stage_facts import newest_move


def find_lead(lead_id: int) -> Lead:
    """The lead, if the caller may see it."""
    return find(lead_id, own_leads_of()) or abort(404)


def lead_to_change(lead_id: int) -> Lead:
    """The lead, if the caller may change it."""
    lead = find_lead(lead_id)
    if not may_change_leads():
        abort(403, "Analysts read; agents and admins change leads.")
    return lead


def read_id(text: str, refusal: str) -> int | None:
    """The id that a choice sent; a blank one is none."""
    if text and not (text.isdecimal() and len(text) < 10):
        abort(400, refusal)
    return int(text) if text else None


def zone() -> ZoneInfo:
    """The organization's time zone."""
    return ZoneInfo(g.organization.timezone)


def read_moment(text: str, field: str) -> datetime | None:
    """A form's local date and time, in the organization's time zone."""
    return _read(datetime, text, field, "Write a date and a time.", lambda at: at.tzinfo or zone())


def read_day(text: str, field: str) -> date | None:
    """A form's date."""
    problem = "Write a day, such as 2026-05-31."
    day = _read(date, text, field, problem)
    if day and not 2000 <= day.year < 3000:
        raise Invalid({field: problem})
    return day


def read_time(text: str, field: str) -> time | None:
    """A form's time of day."""
    return _read(time, text, field, "Write a time, such as 14:30.")


def _read(kind, text: str, field: str, problem: str, zone_of=None):
    if not text.strip():
        return None
    try:
        found = kind.fromisoformat(text.strip())
        return found.replace(tzinfo=zone_of(found)) if zone_of else found
    except ValueError:
        raise Invalid({field: problem}) from None


def show_page(lead_id: int, form: str = "", errors: dict | None = None) -> str:
    """One lead's page; `form` is the one whose `errors` it shows, with what was typed kept."""
    found = queries.whole(lead_id, own_leads_of()) or abort(404)
    lead, journey = found.lead, found.journey
    record = queries.record(lead_id)
    others = beside(lead, own_leads_of())
    return render_template(
        "leads/show.html",
        **found._asdict(),
        **_score(found),
        **_journey(journey, lead),
        **_timeline(lead_id, record),
        **_forms(lead, form, errors),
        record=record,
        desk=desk(lead_id),
        beside=others,
        choices=offered(found.asked, others.values),
        **_consents(record, others.people, found.asked),
        credits=credits(of_lead(lead_id), attribution_rules()),
        changeable=may_change_leads(),
        me=caller_id(),
        stages=LABELS,
    )


def known_choices(lead: Lead) -> dict[str, Choices]:
    """What the fields of the lead's profile offer to choose from."""
    return offered(contact_form.form(), beside(lead, own_leads_of()).values)


def _consents(record: queries.Record, people: dict[int, str], asked: ContactForm) -> dict:
    shown = consents_shown.consents(record.consents, people, caller_id(), may("admin"), utc_now())
    return {"consents": shown, "to_agree": consents_shown.to_agree(asked, record.in_force)}


def _score(found: queries.Whole) -> dict:
    made_by, scores = found.made_by, queries.scores(found.lead.id)
    known = (made_by.context or {}) if made_by else {}
    return {
        "steps": score_shown.waterfall(made_by.contributions or ()) if made_by else [],
        "made_by_version": known.get("rules_version"),
        "scores": scores,
        "apart": score_shown.taken_apart(found.score, _windows()) if found.score else None,
        "chart": score_shown.chart(scores, _windows().temperatures),
    }


def _windows() -> LeadRules:
    """The rules by which the organization scores, for the days that they look at."""
    return LeadRules.from_json((g.organization.settings or {}).get("lead_rules", {}))


def _journey(journey: LeadJourney | None, lead: Lead) -> dict:
    return {
        "next_step": journey_shown.next_step(journey, lead),
        "insights": journey_shown.insights(journey),
        "risk": journey_shown.risk(journey, journey_rules()) if journey else None,
        "trends": journey_shown.TRENDS,
        "milestones": journey_shown.milestones(journey) if journey else [],
    }


def _timeline(lead_id: int, record: queries.Record) -> dict:
    before = Cursor.read(request.args.get("before", ""))
    acts = queries.acts(lead_id, before)
    more = acts[queries.TIMELINE - 1][0] if len(acts) > queries.TIMELINE else None
    reasons = {(stay.name, stay.at): stay.text for stay in record.stays}
    return {
        "entries": present.timeline(acts[: queries.TIMELINE], reasons),
        "returnable": {act.event_id for act, _ in acts if may_take_back(act)},
        "before": before,
        "more": str(Cursor(more.occurred_at, more.id)) if more else None,
        "acts_in_words": present.ACTS,
        "quiet": present.QUIET,
    }


def may_take_back(act: Interaction) -> bool:
    """Whether the caller may take back what was noted, or moved, by hand."""
    if not may_change_leads():
        return False
    return present.can_be_taken_back(act, caller_id(), may("admin"), utc_now())


def undo_of_move(lead: Lead, back: str) -> str:
    """The address that takes back how the lead was moved last, and leads `back`."""
    made = newest_move(lead.id)
    return url_for("leads.take_back_move", lead_id=lead.id, event_id=made.event_id, next=back)


def _forms(lead: Lead, form: str, errors: dict | None) -> dict:
    return {
        "form": form,
        "errors": present.Blank(errors or {}),
        "typed": present.Blank(request.form.to_dict() if form else {}),
        "blank": present.Blank(),
        "sent": "" if form else taken(lead.id),
        "other": OTHER,
        "ways": WAYS,
        "event_id": request.form.get("event_id") or uuid4(),
        "logged": LOGGED,
        "next_stage": _next_stage(lead.stage),
        "needs_reason": [s for s in STAGES if MOVES.get((lead.stage, s)) in NEEDS_REASON],
    }


def _next_stage(stage: str) -> str | None:
    """The stage that a lead is most often moved to: the one after."""
    later = PATH[PATH.index(stage) + 1 :] if stage in PATH else ()
    return later[0] if later else None
