"""The clinic with a row in every table it can own, each planted with a mark that strangers must
never see, and the ids by which addresses and queries name those rows."""

from types import SimpleNamespace

from sqlalchemy import text
from werkzeug.routing import AnyConverter

from app.domain.contact.contact_form import Field, Step
from app.domain.contact.form import ContactForm
from app.extensions import db
from app.models import (
    ApiToken,
    AuditLog,
    ContactFormVersion,
    Membership,
    Organization,
    OutboxMessage,
    User,
)
from app.tenancy import OrganizationOwned, acting_for
from tests.conftest import NOW, PASSWORD_HASH
from tests.planted.clinic import appointment, catalogue, quotes
from tests.planted.leads import lead
from tests.planted.marks import EVENT, MARK, PEOPLE, ROW, SHOWN, VISIT, VISITOR
from tests.planted.rules import rules
from tests.planted.visits import visit


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
        consent_id=ROW,
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
    yield from visit(cast)
    yield from lead()
    yield from rules(cast)
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
    yield from catalogue()
    yield from appointment()
    yield from quotes()


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
