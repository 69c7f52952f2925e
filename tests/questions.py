"""Every query of the application, and how a stranger asks it with the clinic's own ids in hand.

A new query function belongs in one of the tables.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.domain.appointments.slots import BookingRules, Wish
from app.domain.attribution.spend import Entry
from app.domain.catalogue.catalogue_changes import Change
from app.domain.period import last_days
from app.extensions import db
from app.models import Clinic, Interaction, Lead, Practitioner, Quote, Treatment
from app.queries.journeys import lead_analytics
from app.queries.leads.lead_list import Wanted as Filtered
from tests.conftest import NOW
from tests.planted.marks import MARK, ROW, SHOWN, VISIT, VISITOR

PERIOD = last_days(7, NOW.date() + timedelta(days=1))
# Find out whose request it is, or answer by what only its owner holds: a key, a token, an e-mail.
ACROSS = {
    "access.memberships_of",
    "access.live_token",
    "jobs.is_any_due",
    "outgoing.lag_of_everybody",
    "outgoing.organizations_with_due",
    "sites.site_by_key",
    "sites.hosted_site",
    "users.user_by_email",
}
# Take a row that somebody found already, ask no database, or ask for the organization itself.
PURE = {
    "availability.booking_rules",
    "availability.zone_of",
    "catalogue.placed",
    "catalogue.priced",
    "catalogue.words",
    "catalogue_records.named_rows",
    "catalogue_records.record_of",
    "contact_form.is_complete",
    "contact_form.known_fields",
    "rule_drafts.editor",
    "finding.found_by",
    "lead_acts.unindexed",
    "lead_list.filtered",
    "lead_list.journey_of",
    "outgoing.is_delivered",
    "outgoing.is_due",
    "contact.is_the_leads",
    "recommendation.prepare",
    "rules.defaults",
    "rules.rule_json",
    "rules.rule_set_of",
    "rules_history.changes",
    "rules_history.session_changes",
    "scored_acts.scored_acts",
    "sites.facts_of",
    "spend.entry_of",
    "spend.place_of",
    "spend.read_place",
    "staff.upon",
}
# What the clinic's row of staff could be booked for.
WISH = Wish((SHOWN.lower(),), SHOWN, 30)
LATER = NOW.date() + timedelta(days=7)
FREE = datetime.combine(LATER, time(8), UTC)


def figures(module, clinic):
    shown = module.Figures(PERIOD, clinic.site_id)
    return shown.counts, shown.counts_before, shown.series, shown.pages


def _conversions(module):
    return module.Wanted(PERIOD, "lead_created", "linear", MARK, MARK)


def _wanted():
    """A wish, and the clinic's own place and practitioner, as a forged one would name them."""
    place = Clinic(id=ROW, slug="x", name="x", city="x", timezone="Europe/Paris")
    return WISH, place, [Practitioner(id=ROW)], BookingRules(), NOW


def _closure():
    """Everything closed on the day of the clinic's appointment."""
    day = (NOW + timedelta(days=3)).date().isoformat()
    closure = {"clinic": "", "practitioner": "", "from": day, "to": day, "reason": ""}
    return Change("closures", ("", "", day, day), None, closure)


def _of_lead():
    """An interaction that names the clinic's lead, as a forged one would."""
    ids = {"lead_id": ROW, "visitor_id": VISITOR, "visitor_session_id": VISIT}
    return [Interaction(id=1, occurred_at=NOW, **ids)]


# name -> how to ask it with the clinic's ids
QUERIES = {
    "access.token": lambda m, c: m.token(c.token_id),
    "calculator.budgets": lambda m, c: m.budgets(),
    "calculator.settings": lambda m, c: m.settings(),
    "appointments.abandoned": lambda m, c: m.abandoned(NOW - timedelta(days=1)),
    "appointments.appointment": lambda m, c: m.appointment(c.appointment_id),
    "appointments.attempt": lambda m, c: m.attempt(c.event_id),
    "appointments.begun_counts": lambda m, c: m.begun_counts(NOW - timedelta(days=1)),
    "appointments.booked_by": lambda m, c: m.booked_by(c.event_id),
    "appointments.leads_of_visitors": lambda m, c: m.leads_of_visitors([c.visitor_id]),
    "appointments.listed": lambda m, c: m.listed(m.Wanted(NOW, NOW + timedelta(days=9))),
    "appointments.next_after": lambda m, c: m.next_after(NOW),
    "appointments.of_lead": lambda m, c: m.of_lead(c.lead_id),
    "appointments.source_of": lambda m, c: m.source_of(_of_lead()[0]),
    "availability.bookable": lambda m, c: m.bookable(),
    "availability.first_free_day": lambda m, c: m.first_free_day(LATER, *_wanted()),
    "availability.free_at": lambda m, c: m.free_at(FREE, *_wanted()),
    "availability.free_on": lambda m, c: m.free_on([LATER], *_wanted()),
    "availability.load_on": lambda m, c: m.load_on(
        (NOW + timedelta(days=3)).date(), ZoneInfo("UTC"), [ROW + 1]
    ),
    "availability.places": lambda m, c: m.places(WISH),
    "availability.staff": lambda m, c: m.staff(WISH),
    "availability.staffed": lambda m, c: m.staffed(),
    "availability.wish": lambda m, c: m.wish([c.slug], BookingRules()),
    "bottlenecks.stalls": lambda m, c: m.stalls(
        lead_analytics.standings(PERIOD, NOW), NOW + timedelta(days=99)
    ),
    "catalogue.also_leading": lambda m, c: m.also_leading(Treatment(name=SHOWN, synonyms=[])),
    "catalogue.any_treatment": lambda m, c: m.any_treatment(c.slug),
    "catalogue.categories": lambda m, c: m.categories(),
    "catalogue.clinics": lambda m, c: m.clinics(),
    "catalogue.listed": lambda m, c: m.listed(m.Wanted(), 0, 9),
    "catalogue.treatment": lambda m, c: m.treatment(c.slug),
    "catalogue.treatments": lambda m, c: m.treatments(),
    "catalogue_records.facts": lambda m, c: m.facts(),
    "catalogue_records.record": lambda m, c: m.record("clinics", (c.slug,)),
    "catalogue_records.records": lambda m, c: [m.records(kind) for kind in m.READERS],
    "catalogue_records.slugs": lambda m, c: m.slugs(m.Clinic),
    "contact.consents_in_force": lambda m, c: m.consents_in_force(c.lead_id),
    "contact.consents": lambda m, c: m.consents(c.lead_id, range(10_000)),
    "contact.consents_given_at": lambda m, c: m.consents_given_at(c.lead_id, NOW),
    "contact.last_words": lambda m, c: m.last_words(c.lead_id, "email"),
    "attribution.channel_worth": lambda m, c: m.channel_worth("lead_created"),
    "attribution.comparison": lambda m, c: m.comparison(PERIOD, "lead_created", True),
    "attribution.conversions": lambda m, c: m.conversions(PERIOD),
    "attribution.learned_from": lambda m, c: m.learned_from("lead_created"),
    "attribution.of_lead": lambda m, c: m.of_lead(c.lead_id),
    "attribution.page_of_lead": lambda m, c: m.page_of_lead(c.lead_id),
    "conversion_list.page": lambda m, c: m.page(_conversions(m)),
    "conversion_list.total": lambda m, c: m.total(_conversions(m)),
    "channel_journeys.journeys": lambda m, c: m.journeys("lead_created", NOW - timedelta(days=9)),
    "contact.interaction": lambda m, c: m.interaction(c.event_id),
    "contact.last_link": lambda m, c: m.last_link(c.visitor_id),
    "contact.leads": lambda m, c: m.leads([c.lead_id]),
    "contact.lead": lambda m, c: m.lead(c.lead_id),
    "contact.lead_of_visitor": lambda m, c: m.lead_of_visitor(c.visitor_id),
    "contact.lead_with_email": lambda m, c: m.lead_with_email(f"{MARK}@example.com".lower()),
    "contact.lead_with_phone": lambda m, c: m.lead_with_phone("+33612345678"),
    "contact.least_loaded_agent": lambda m, c: m.least_loaded_agent(),
    "contact.links_of": lambda m, c: m.links_of(c.lead_id),
    "contact.open_link": lambda m, c: m.open_link(c.visitor_id),
    "contact.visit": lambda m, c: m.visit(c.session_id),
    "contact.visits_of": lambda m, c: m.visits_of(c.lead_id),
    "contact.whose_consent": lambda m, c: m.whose_consent(c.visitor_id, "email"),
    "contact_form.form": lambda m, c: m.form(),
    "contact_form.history": lambda m, c: m.history(),
    "contact_form.publisher": lambda m, c: m.publisher(1),
    "contact_form.steps": lambda m, c: m.steps(),
    "contact_form.version": lambda m, c: m.version(1),
    "contact_form.versions": lambda m, c: m.versions(),
    "conversions.conversions_of": lambda m, c: m.conversions_of([c.lead_id]),
    "conversions.logged": lambda m, c: m.logged(c.lead_id),
    "uncredited.uncredited": lambda m, c: m.uncredited(PERIOD),
    "conversions.stored_since": lambda m, c: m.stored_since(c.lead_id, NOW - timedelta(days=99)),
    "dashboard.Figures": figures,
    "dashboard.dropped_since": lambda m, c: m.dropped_since(c.site_id, NOW - timedelta(days=2)),
    "export.rows_of_organization": lambda m, c: m.rows_of_organization(),
    "installation.installation": lambda m, c: m.installation(c.site_id, NOW),
    "interactions.acts_of_visits": lambda m, c: m.acts_of_visits([c.session_id]),
    "interactions.leads_of": lambda m, c: m.leads_of(_of_lead()),
    "interactions.leads_of_visitor": lambda m, c: m.leads_of_visitor(c.visitor_id),
    "interactions.log_page": lambda m, c: m.log_page(m.LogFilter(visitor_id=c.visitor_id)),
    "interactions.types_seen": lambda m, c: m.types_seen(),
    "interactions.visitor": lambda m, c: m.visitor(c.visitor_id),
    "interactions.visits_of": lambda m, c: m.visits_of(c.visitor_id),
    "jobs.job": lambda m, c: m.job(c.job_id),
    "jobs.newest": lambda m, c: m.newest("rules.rescore"),
    "journey_facts.known_of": lambda m, c: m.known_of([c.lead_id], NOW)[c.lead_id].counts,
    "journey_rules.attribution_rules": lambda m, c: m.attribution_rules(),
    "journey_rules.journey_rules": lambda m, c: m.journey_rules(),
    "journey_rules.change": lambda m, c: m.change(c.line_id + 2),
    "journey_rules.changes": lambda m, c: m.changes(),
    "lead_acts.acts": lambda m, c: db.session.execute(select(m.acts().c.id)).all(),
    "lead_acts.acts_of_type": lambda m, c: db.session.execute(
        select(m.acts_of_type("page_viewed").c.id)
    ).all(),
    "lead_acts.branches": lambda m, c: m.branches([c.lead_id]),
    "activity.by_day": lambda m, c: m.by_day(PERIOD),
    "activity.known_of_lead": lambda m, c: m.known_of_lead(c.lead_id, NOW - timedelta(days=9)),
    "engagement_types.channels": lambda m, c: m.channels(),
    "engagement_types.custom_points": lambda m, c: m.custom_points(),
    "engagement_types.custom_type": lambda m, c: m.custom_type(c.type_id),
    "engagement_types.uses_of": lambda m, c: m.uses_of(["call_made"]),
    "engagement_types.custom_types": lambda m, c: m.custom_types(),
    "engagement_types.own_label": lambda m, c: m.own_label(MARK.lower()),
    "engagements.of_lead_since": lambda m, c: m.of_lead_since(c.lead_id, NOW - timedelta(days=9)),
    "engagements.page": lambda m, c: m.page(c.lead_id, m.Wanted()),
    "engagements.summary": lambda m, c: m.summary(PERIOD),
    "lead_analytics.funnel": lambda m, c: m.funnel(PERIOD, m.standings(PERIOD, NOW)),
    "lead_analytics.health": lambda m, c: m.health(PERIOD),
    "lead_analytics.journey": lambda m, c: m.journey(c.lead_id),
    "lead_analytics.leads_that_came": lambda m, c: m.leads_that_came(),
    "lead_analytics.places": lambda m, c: m.places(m.standings(PERIOD, NOW), NOW),
    "lead_analytics.quality": lambda m, c: m.quality(PERIOD),
    "lead_analytics.standings": lambda m, c: m.standings(PERIOD, NOW),
    "lead_facts.facts_of": lambda m, c: [
        facts.counts for _, facts in m.facts_of([Lead(id=c.lead_id)], m.lead_rules(), NOW)
    ],
    "lead_facts.facts_of_all": lambda m, c: [
        facts.email for _, facts in m.facts_of_all(m.lead_rules(), NOW)
    ],
    "lead_facts.Past": lambda m, c: m.Past(Lead(id=c.lead_id), m.lead_rules()).moments(),
    "lead_facts.last_signs_of_life": lambda m, c: m.last_signs_of_life([c.lead_id]),
    "lead_facts.lead_rules": lambda m, c: m.lead_rules().to_json(),
    "lead_board.card": lambda m, c: m.card(c.lead_id),
    "lead_board.columns": lambda m, c: m.columns(Filtered()),
    "lead_board.totals": lambda m, c: m.totals(Filtered()),
    "lead_list.assignable": lambda m, c: m.assignable(),
    "lead_list.every": lambda m, c: m.every(m.Wanted(), "newest"),
    "lead_list.find": lambda m, c: m.find(c.lead_id),
    "lead_list.page": lambda m, c: m.page(m.Wanted()),
    "lead_list.sources": lambda m, c: m.sources(),
    "lead_list.stage_counts": lambda m, c: m.stage_counts(m.Wanted()),
    "lead_desk.beside": lambda m, c: m.beside(Lead(id=1, phone="+33612345678")),
    "lead_desk.desk": lambda m, c: m.desk(c.lead_id),
    "lead_desk.note_of": lambda m, c: m.note_of(c.lead_id, c.note_id),
    "lead_desk.task_of": lambda m, c: m.task_of(c.lead_id, c.task_id),
    "lead_page.acts": lambda m, c: m.acts(c.lead_id),
    "lead_page.record": lambda m, c: m.record(c.lead_id),
    "lead_page.scores": lambda m, c: m.scores(c.lead_id),
    "lead_page.whole": lambda m, c: m.whole(c.lead_id),
    "lead_scoring.in_force": lambda m, c: m.in_force(),
    "lead_scoring.publication": lambda m, c: m.publication(c.line_id + 1),
    "lead_scoring.published": lambda m, c: m.published(),
    "lead_scoring.silent_by_stage": lambda m, c: m.silent_by_stage(NOW + timedelta(days=1)),
    "lead_scoring.with_own_types": lambda m, c: m.with_own_types(m.in_force()),
    "outgoing.is_any_late": lambda m, c: m.is_any_late(NOW + timedelta(days=9)),
    "outgoing.mail": lambda m, c: m.mail(c.message_id),
    "outgoing.mail_counts": lambda m, c: m.mail_counts(),
    "outgoing.mails": lambda m, c: m.mails(),
    "quotes.every": lambda m, c: m.every(m.Wanted(NOW.date())),
    "quotes.find": lambda m, c: m.find(c.quote_id),
    "quotes.issued_since": lambda m, c: m.issued_since(c.lead_id, NOW - timedelta(days=1)),
    "quotes.last_sequence": lambda m, c: m.last_sequence(2026),
    "quotes.logo": lambda m, c: m.logo(),
    "quotes.newest_of": lambda m, c: m.newest_of(Quote(id=c.quote_id)).number,
    "quotes.page": lambda m, c: m.page(m.Wanted(NOW.date())),
    "quotes.quote": lambda m, c: m.quote(c.quote_id),
    "quotes.quote_of_use": lambda m, c: m.quote_of_use(c.event_id, c.lead_id),
    "quotes.state_counts": lambda m, c: m.state_counts(m.Wanted(NOW.date())),
    "quotes.successor": lambda m, c: m.successor(c.quote_id),
    "recommendation.answer": lambda m, c: [fit.key for fit in m.answer(m.offers(), SHOWN).matches],
    "recommendation.offers": lambda m, c: m.offers(),
    "recommendation.search": lambda m, c: [found.treatment for found in m.search(SHOWN)],
    "rule_drafts.draft_of": lambda m, c: m.draft_of("session", c.site_id),
    "rule_drafts.drafts": lambda m, c: m.drafts(),
    "rules.interaction_rules": lambda m, c: m.interaction_rules(),
    "rules.session_rules": lambda m, c: m.session_rules(c.site_id),
    "rules.session_rules_history": lambda m, c: m.session_rules_history(c.site_id),
    "rules_history.interaction_history": lambda m, c: m.interaction_history(),
    "rules_history.interaction_version": lambda m, c: m.interaction_version(1),
    "rules_history.publisher": lambda m, c: m.publisher("interaction", None, 1),
    "rules_history.session_history": lambda m, c: m.session_history(c.site_id),
    "rules_history.session_rules_version": lambda m, c: m.session_rules_version(c.site_id, 1),
    "rules_history.session_version": lambda m, c: m.session_version(c.site_id),
    "rules_history.version_at": lambda m, c: m.version_at(NOW),
    "outcomes.of_leads": lambda m, c: m.of_leads([c.lead_id]),
    "outcomes.of_visitors": lambda m, c: m.of_visitors([c.visitor_id]),
    "saved_views.count_of": lambda m, c: m.count_of(c.user_id),
    "saved_views.view": lambda m, c: m.view(c.view_id, c.user_id),
    "saved_views.view_named": lambda m, c: m.view_named(MARK, c.user_id),
    "saved_views.views": lambda m, c: m.views(c.user_id),
    "scored_acts.actors": lambda m, c: m.actors(None, None, c.lead_id + 9, 5),
    "scored_acts.acts_by_id": lambda m, c: m.acts_by_id([c.lead_id]),
    "scored_acts.acts_without_visitor": lambda m, c: m.acts_without_visitor(0, None, 9999, 5),
    "scored_acts.count": lambda m, c: m.count(None, 9999),
    "scored_acts.newest_id": lambda m, c: m.newest_id(),
    "scored_acts.since_the_last": lambda m, c: m.since_the_last(1, 9999),
    "scored_visits.count": lambda m, c: m.count(c.site_id, None, NOW),
    "scored_visits.since_the_last": lambda m, c: m.since_the_last(c.site_id, 1, NOW),
    "scored_visits.visitings": lambda m, c: m.visitings(c.site_id, None, None, NOW, 5, True),
    "sessions.visitor": lambda m, c: m.visitor(c.visitor_id),
    "sessions.visitor_session": lambda m, c: m.visitor_session(c.session_id),
    "sites.site": lambda m, c: m.site(c.site_id),
    "sites.sites": lambda m, c: m.sites(),
    "spend.crossing": lambda m, c: m.crossing(Entry(MARK, MARK, NOW.date(), NOW.date(), 1)),
    "spend.entries": lambda m, c: m.entries(),
    "spend.page": lambda m, c: m.page(m.Wanted()),
    "spend.row": lambda m, c: m.row(c.spend_id),
    "spend.rows": lambda m, c: m.rows(m.Wanted()),
    "spend.sources": lambda m, c: m.sources(),
    "spend.total": lambda m, c: m.total(m.Wanted()),
    "staff.booked": lambda m, c: m.booked(NOW),
    "staff.clinic": lambda m, c: m.clinic(c.slug),
    "staff.closures": lambda m, c: m.closures(),
    "staff.is_in_log": lambda m, c: m.is_in_log(c.slug),
    "staff.left_out": lambda m, c: m.left_out([_closure()], NOW),
    "staff.past_closures": lambda m, c: m.past_closures(date(2099, 1, 1)),
    "staff.places_of_work": lambda m, c: m.places_of_work(),
    "staff.practitioner": lambda m, c: m.practitioner(c.slug),
    "staff.practitioners": lambda m, c: m.practitioners(),
    "staff.used_since": lambda m, c: m.used_since("treatments", {c.slug}, NOW),
    "staff.uses_of_clinic": lambda m, c: m.uses_of_clinic(ROW),
    "staff.uses_of_practitioner": lambda m, c: m.uses_of_practitioner(ROW + 1),
    "staff.uses_of_treatment": lambda m, c: m.uses_of_treatment(c.slug),
    "returning.leads_of_acts": lambda m, c: m.leads_of_acts([c.event_id]),
    "returning.leads_seen_after": lambda m, c: m.leads_seen_after(0, 2**31),
    "returning.leads_seen_since": lambda m, c: m.leads_seen_since(NOW - timedelta(days=900)),
    "returning.lengths_of_pasts": lambda m, c: m.lengths_of_pasts([c.lead_id]),
    "returning.newest_act": lambda m, c: m.newest_act() or None,
    "stage_facts.chosen": lambda m, c: m.chosen(c.lead_id),
    "stage_facts.lifecycle_rules": lambda m, c: m.lifecycle_rules().to_json(),
    "stage_facts.moving_acts": lambda m, c: m.moving_acts(c.lead_id),
    "stage_facts.newest_move": lambda m, c: m.newest_move(c.lead_id),
    "stage_facts.noted": lambda m, c: m.noted(c.lead_id),
    "stage_facts.stays_of": lambda m, c: m.stays_of(c.lead_id),
    "stays.within": lambda m, c: db.session.execute(select(m.within(c.lead_id))).all(),
    "stays.stays_told": lambda m, c: m.stays_told(c.lead_id, NOW),
    "touches.touches_of": lambda m, c: m.touches_of([c.lead_id]),
    "tasks.pressing": lambda m, c: m.pressing(c.user_id, None, [MARK]),
    "tasks.tasks": lambda m, c: m.tasks(c.user_id, None, NOW),
    "users.audit_actions": lambda m, c: m.audit_actions(),
    "users.audit_line": lambda m, c: m.audit_line(ROW),
    "users.audit_lines": lambda m, c: m.audit_lines(),
    "users.member": lambda m, c: m.member(c.user_id),
    "users.members": lambda m, c: m.members(),
    "users.owners_count": lambda m, c: m.owners_count(),
    "users.tokens": lambda m, c: m.tokens(),
    "vocabulary.spoken": lambda m, c: list(m.spoken().treatments),
    "won.count_won": lambda m, c: m.count_won(NOW + timedelta(days=30)).to_json(),
    "won.learned": lambda m, c: m.learned(),
    "won.won": lambda m, c: m.won().to_json(),
}
