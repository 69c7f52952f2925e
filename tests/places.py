"""The clinic with a row in every table it can own, each planted with a mark that strangers must
never see, and the ids by which addresses and queries name those rows."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

from sqlalchemy import text
from werkzeug.routing import AnyConverter

from app.domain.contact.contact_form import Field, Step
from app.domain.contact.form import ContactForm
from app.domain.scoring.lead_score import COMPONENTS
from app.extensions import db
from app.models import (
    ApiToken,
    Appointment,
    AppointmentSlot,
    AttributionCredit,
    AuditLog,
    BookingAttempt,
    ChannelWorth,
    Clinic,
    Closure,
    Consent,
    ContactFormVersion,
    EngagementType,
    Interaction,
    Job,
    Lead,
    LeadAttribution,
    LeadJourney,
    LeadLifecycle,
    LeadNote,
    LeadScore,
    LeadScoringRule,
    LeadVisitor,
    LearnedHistory,
    Logo,
    Membership,
    OpeningHours,
    Organization,
    OutboxMessage,
    Practitioner,
    Quote,
    Rollup,
    RuleDraft,
    RuleSetVersion,
    SavedView,
    Spend,
    Task,
    Treatment,
    User,
    Visitor,
    VisitorDay,
    VisitorSession,
    WorkingHours,
)
from app.tenancy import OrganizationOwned, acting_for
from tests.conftest import NOW, PASSWORD_HASH

MARK = "Zebrafish"  # in what the clinic shows nobody
SHOWN = "Quagga"  # in what its own public pages show
PEOPLE = ("alice@example.com", "bob@example.com", "mila@example.com", "olga@example.com")
DAY = datetime(2026, 3, 2, tzinfo=UTC)
VISITOR = UUID("11111111-1111-4111-8111-111111111111")
VISIT = UUID("22222222-2222-7222-8222-222222222222")
EVENT = UUID("33333333-3333-4333-8333-333333333333")
ROW = 4711
# A picture of one pixel.
DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNg"
    "YGBgAAAABQABeqhXUAAAAABJRU5ErkJggg=="
)
FACTORS = dict.fromkeys(COMPONENTS, 77) | {
    "conversion_likelihood": None,
    "weights": dict.fromkeys(COMPONENTS, 0.2),
}


def places(cast) -> SimpleNamespace:
    """Plants the clinic's rows; the values for parameters of addresses, by their names."""
    for user_id, email in ((ROW, PEOPLE[2]), (ROW + 1, PEOPLE[3])):
        kept = {"password_hash": PASSWORD_HASH, "created_at": NOW}
        db.session.add(User(id=user_id, email=email, name=MARK, **kept))
    db.session.flush()
    cost = {"terms": SHOWN, "low_to": 77}
    cast.clinic.settings = {
        "cost": cost,
        "lead_rules": {"target_locations": [MARK]},
        "lifecycle": {"silent_days": 90},
        "attribution": {"half_life_days": 11},
        "journeys": {"trend_days": 11},
    }
    with acting_for(cast.clinic):
        cast.site.name = MARK
        for row in _rows(cast):
            db.session.add(row)
            db.session.flush()  # parents first
        db.session.commit()
    return ids_of(cast.site.id)


def ids_of(site_id: int) -> SimpleNamespace:
    """The clinic's ids by the names that addresses give them."""
    return SimpleNamespace(
        site_id=site_id,
        lead_id=ROW,
        visitor_id=VISITOR,
        session_id=VISIT,
        event_id=EVENT,
        user_id=ROW,
        job_id=ROW,
        message_id=ROW,
        token_id=ROW,
        line_id=ROW,
        note_id=ROW,
        task_id=ROW,
        view_id=ROW,
        spend_id=ROW,
        type_id=ROW,
        appointment_id=ROW,
        quote_id=ROW,
        token="forged",
        slug=SHOWN.lower(),
        name="cards",
        n=1,
    )


def _rows(cast):
    """A row of each owned model that the cast has none of."""
    yield Membership(user_id=ROW, role="agent")
    yield Membership(user_id=ROW + 1, role="owner")
    yield ApiToken(
        id=ROW, name=MARK, role="agent", token_hash="none", prefix="none", created_at=NOW
    )
    yield from _visit(cast)
    yield from _lead(cast)
    yield from _rules(cast)
    yield AuditLog(id=ROW, user_id=ROW, action=f"{MARK}.kept", subject=MARK, detail={}, at=NOW)
    published = {"version": 7, "note": MARK, "before": {}, "after": {}}
    yield AuditLog(
        id=ROW + 1, action="lead_scoring.published", subject=MARK, detail=published, at=NOW
    )
    halved = {"changed": {"half_life_days": [7, 11]}}
    yield AuditLog(id=ROW + 2, action="attribution.edited", subject=MARK, detail=halved, at=NOW)
    email = Field("email", "E-mail", "email")
    form = ContactForm(steps=(Step("reach", SHOWN, (email,), ("email",)),))
    yield ContactFormVersion(
        id=ROW, version=1, body=form.to_json(), note=MARK, published_at=NOW, published_by_id=ROW
    )
    mailed = {"to": f"{MARK}@example.com", "of": MARK}
    yield OutboxMessage(id=ROW, kind="mail.lead_created", payload=mailed, due_at=NOW)
    yield Treatment(
        slug=SHOWN.lower(),
        name=SHOWN,
        summary=SHOWN,
        description=SHOWN,
        category=SHOWN,
        concerns=[SHOWN],
        price_low=1,
        price_high=2,
        minutes=30,
    )
    yield Clinic(id=ROW, slug=SHOWN.lower(), name=SHOWN, city=SHOWN)
    yield from _staff()
    yield from _appointment()
    yield from _quotes()


def _staff():
    yield Practitioner(id=ROW, slug=SHOWN.lower(), name=SHOWN, treatments=[SHOWN.lower()])
    day = {"weekday": 0, "starts": 540, "ends": 600}
    yield OpeningHours(clinic_id=ROW, **day)
    yield WorkingHours(practitioner_id=ROW, clinic_id=ROW, **day)
    yield Closure(starts_on=NOW.date(), ends_on=NOW.date(), reason=SHOWN)


def _quotes():
    yield Logo(id=ROW, png=DOT, width=1, height=1, added_at=NOW)
    price = {"low": 1, "high": 2}
    content = {
        "organization": {"name": MARK, "phone": "", "email": "", "colour": "#0f6b70"},
        "clinic": MARK,
        "currency": "EUR",
        "estimate": {"lines": [], "discounts": [], "subtotal": price, "total": price},
        "financing": {"months": 0, "plans": []},
        "procedures": [],
        "terms": MARK,
        "replaces": None,
    }
    for sequence in (1, 2):
        yield Quote(
            id=ROW + sequence - 1,
            year=2026,
            sequence=sequence,
            number=f"{MARK}-{sequence}",
            event_id=EVENT if sequence == 1 else UUID(int=7),
            lead_id=ROW,
            replaces_id=ROW if sequence == 2 else None,
            recipient={"email": f"{MARK}@example.com"},
            content=content,
            currency="EUR",
            total_low=1,
            total_high=2,
            issued_at=NOW,
            valid_until=NOW.date(),
        )


def _visit(cast):
    url = f"https://clinic.example/{MARK}"
    yield Visitor(
        id=VISITOR,
        site_id=cast.site.id,
        first_seen_at=NOW,
        last_seen_at=NOW,
        sessions_count=1,
        lead_score=77,
    )
    yield VisitorSession(
        id=VISIT,
        site_id=cast.site.id,
        visitor_id=VISITOR,
        started_at=NOW,
        last_activity_at=NOW,
        ended_at=NOW,
        interactions=1,
        page_views=1,
        reached=127,
        lead_score=77,
        entry_url=url,
        exit_url=url,
        referrer=url,
        source=MARK,
        campaign=MARK,
    )
    for row_id, event_id, kind, score in (
        (ROW, EVENT, "cost_calculator", 77),
        (ROW + 1, UUID(int=7), "page_viewed", None),
    ):
        yield Interaction(
            id=row_id,
            site_id=cast.site.id,
            event_id=event_id,
            visitor_id=VISITOR,
            visitor_session_id=VISIT,
            type=kind,
            channel="web",
            occurred_at=NOW,
            received_at=NOW,
            url=url,
            label=MARK,
            score=score,
            contributions=[] if score else None,
            data={"note": MARK, "procedures": [SHOWN.lower()]},
        )
    yield Interaction(
        id=ROW + 3,
        event_id=UUID(int=9),
        visitor_id=VISITOR,
        lead_id=ROW,
        type="lead_created",
        channel="web",
        occurred_at=NOW,
        received_at=NOW,
    )
    yield Interaction(
        id=ROW + 2,
        event_id=UUID(int=8),
        lead_id=ROW,
        type="call_made",
        channel="phone",
        occurred_at=NOW,
        received_at=NOW,
        label=MARK,
    )
    yield Interaction(
        id=ROW + 4,
        event_id=UUID(int=10),
        lead_id=ROW,
        type="appointment_booked",
        channel="phone",
        occurred_at=NOW,
        received_at=NOW,
        score=77,
        contributions=[],
        data={"note": MARK},
    )
    yield Interaction(
        id=ROW + 5,
        event_id=UUID(int=11),
        lead_id=ROW,
        type="stage_changed",
        channel="web",
        occurred_at=NOW,
        received_at=NOW,
        label="contacted",
    )
    yield VisitorDay(day=DAY, site_id=cast.site.id, visitor_id=VISITOR, reached=127)
    for grain, measure, key in (
        ("day", "interactions", MARK),
        ("day", "page", f"/{MARK}"),
        ("day", "source", MARK),
        ("day", "dropped", MARK),
        ("hour", "interactions", "page_viewed"),
    ):
        starts_at = NOW if grain == "hour" else DAY
        yield Rollup(
            grain=grain,
            measure=measure,
            starts_at=starts_at,
            site_id=cast.site.id,
            key=key,
            count=77,
        )


def _lead(cast):
    yield Lead(
        id=ROW,
        email=f"{MARK}@example.com".lower(),
        phone="+33612345678",
        first_name=MARK,
        last_name=MARK,
        location=MARK,
        interests=[MARK],
        notes=MARK,
        source=MARK,
        stage="engaged",
        lead_score=77,
        grade="B+",
        temperature="hot",
        interaction_id=ROW,
        first_touch={"source": MARK},
        assignee_id=ROW,
        created_at=NOW,
        updated_at=NOW,
        last_engaged_at=NOW,
    )
    yield LeadVisitor(lead_id=ROW, visitor_id=VISITOR, starts_at=NOW)
    yield LeadNote(id=ROW, lead_id=ROW, user_id=ROW, text=MARK, created_at=NOW)
    yield Task(id=ROW, lead_id=ROW, title=MARK, assignee_id=ROW, due_at=NOW, created_at=NOW)
    yield SavedView(id=ROW, user_id=ROW, name=MARK, query=f"q={MARK}", shared=True, created_at=NOW)
    yield Consent(
        lead_id=ROW,
        visitor_id=VISITOR,
        kind="email",
        granted=True,
        text_version="1",
        text=MARK,
        given_at=NOW,
    )
    yield LeadLifecycle(
        lead_id=ROW,
        stage="qualified",
        entered_at=NOW,
        exited_at=NOW,
        transition_reason=MARK,
        is_current_stage=False,
    )
    yield LeadLifecycle(lead_id=ROW, stage="engaged", entered_at=NOW, transition_reason=MARK)
    yield LeadScore(
        lead_id=ROW,
        total_score=77,
        undecayed_score=77,
        grade="B+",
        temperature="hot",
        score_factors=FACTORS,
        contributions=[{"name": MARK, "points": 77, "detail": ""}],
        rules_version=1,
        reason=MARK,
        calculated_at=NOW,
    )
    yield LeadAttribution(
        lead_id=ROW,
        conversion_type="lead_created",
        conversion_at=NOW,
        model="linear",
        touchpoints=[
            {
                "interaction_id": ROW,
                "type": "visit",
                "channel": "web",
                "source": MARK,
                "name": MARK,
                "occurred_at": NOW.isoformat(),
                "weight": "1.000000",
            }
        ],
        calculated_at=NOW,
    )
    credited = {"channel": MARK, "source": MARK, "weight": 1_000_000, "value": 77}
    yield AttributionCredit(
        lead_id=ROW,
        conversion_type="lead_created",
        conversion_at=NOW,
        model="linear",
        **credited,
    )
    yield ChannelWorth(
        conversion_type="lead_created",
        model="markov",
        channel=MARK,
        worth=0.77,
        journeys=7,
        conversions=7,
        learned_at=NOW,
    )
    yield EngagementType(
        id=ROW, name=MARK.lower(), label=MARK, channel="web", points=77, created_at=NOW
    )
    yield LeadJourney(
        lead_id=ROW,
        started_at=NOW,
        interactions=7,
        touchpoints=7,
        counts={MARK: 7},
        channels=[MARK],
        engagement=7700,
        trend="stable",
        churn_risk=700,
        parts={n: {"points": 0.77, "contributions": []} for n in ("engagement", "churn_risk")},
        milestones=dict.fromkeys(("first_contact", "qualified", "opportunity", "customer")),
        deviation={"skipped": [], "back": []},
        total_revenue=7700,
        predicted_because=MARK,
        insights=[{"name": MARK, "tone": "news", "text": MARK, "evidence": MARK}],
        next_action={
            "name": MARK,
            "channel": "",
            "label": MARK,
            "reason": MARK,
            "learned_from": "rules",
        },
        updated_at=NOW,
    )
    yield LearnedHistory(
        history={
            "usual": [MARK],
            "by_segment": {MARK: [7, 7700]},
            "reached": {"new": 7},
            "outcomes": {"new": {"call": [7, 7]}},
        },
        learned_at=NOW,
    )
    yield Spend(
        id=ROW,
        channel=MARK,
        source=MARK,
        starts_on=NOW.date(),
        ends_on=NOW.date(),
        amount=7700,
        note=MARK,
        created_at=NOW,
    )


def _appointment():
    yield Practitioner(id=ROW + 1, slug=f"{SHOWN}-2".lower(), name=SHOWN, treatments=[])
    yield Appointment(
        id=ROW,
        event_id=EVENT,
        lead_id=ROW,
        practitioner_id=ROW + 1,
        title=MARK,
        clinic_name=MARK,
        practitioner_name=MARK,
        timezone="Europe/Paris",
        starts_at=NOW + timedelta(days=3),
        ends_at=NOW + timedelta(days=3, minutes=30),
        held_until=NOW + timedelta(days=3, minutes=30),
        contact={"first_name": MARK, "email": f"{MARK}@example.com".lower()},
        note=MARK,
        source={"source": MARK},
        visitor_id=VISITOR,
        created_at=NOW,
        updated_at=NOW,
    )
    yield AppointmentSlot(
        practitioner_id=ROW + 1, starts_at=NOW + timedelta(days=3), appointment_id=ROW
    )
    yield BookingAttempt(
        attempt_id=EVENT,
        visitor_id=VISITOR,
        visitor_session_id=VISIT,
        step="times",
        title=MARK,
        clinic_name=MARK,
        timezone="Europe/Paris",
        source={"source": MARK},
        begun_at=NOW,
        updated_at=NOW,
    )


def _rules(cast):
    yield RuleSetVersion(
        id=ROW,
        kind="interaction",
        version=1,
        note=MARK,
        published_at=NOW,
        published_by_id=ROW,
        rules=[
            LeadScoringRule(
                code="r1",
                name=MARK,
                kind="base",
                interaction_type="cost_calculator",
                points=77,
                position=1,
            )
        ],
    )
    yield RuleSetVersion(
        id=ROW + 1,
        kind="session",
        site_id=cast.site.id,
        version=1,
        body={"important_labels": [MARK]},
        note=MARK,
        published_at=NOW,
        published_by_id=ROW,
    )
    yield RuleDraft(
        id=ROW,
        kind="session",
        site_id=cast.site.id,
        made_from=1,
        body={"note": MARK},
        created_at=NOW,
        updated_at=NOW,
        updated_by_id=ROW,
    )
    yield Job(
        id=ROW,
        kind="rules.rescore",
        arguments={"note": MARK},
        state="failed",
        message=MARK,
        created_at=NOW,
    )


def owned_models() -> list[type]:
    """Every model whose rows belong to an organization."""
    mappers = db.Model.registry.mappers
    return [m.class_ for m in mappers if issubclass(m.class_, OrganizationOwned)]


def filled(rule, clinic) -> str:
    """The rule's address with the clinic's ids; fails on a parameter that `places` has not."""
    values = {}
    for name in rule.arguments - (rule.defaults or {}).keys():
        converter = rule._converters[name]
        if isinstance(converter, AnyConverter):
            values[name] = sorted(converter.items)[0]
            continue
        assert hasattr(clinic, name), f"{rule.rule}: give places() an id of the clinic for {name}"
        values[name] = getattr(clinic, name)
    _, address = rule.build(values)
    return address


def snapshot(organization_id: int) -> dict[str, list[str]]:
    """Every row of an organization as text, by table; to see that nothing has changed."""
    found = {}
    with db.engine.connect() as connection:
        for model in owned_models():
            table = model.__table__.name
            rows = connection.execute(
                text(f"SELECT * FROM {table} WHERE organization_id = {int(organization_id)}")
            )
            found[table] = sorted(str(tuple(row)) for row in rows)
        rows = connection.execute(
            text(f"SELECT * FROM {Organization.__tablename__} WHERE id = {int(organization_id)}")
        )
        found["organizations"] = [str(tuple(row)) for row in rows]
    return found
