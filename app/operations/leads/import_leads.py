"""Take in leads that came elsewhere, and the stages they came to, from another system's rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select

from app.domain.leads.lifecycle import StageError
from app.domain.tracking.event import Event
from app.domain.validation import Invalid
from app.extensions import db
from app.models import Lead, LeadLifecycle, Organization
from app.models.types import to_millis
from app.operations.contact.read_contact import LONGEST, clean_text, read_contact
from app.operations.leads.enter_stage import enter_stage
from app.operations.tracking.track import Hit, lock_log, track
from app.tenancy import acting_organization_id

LEAD_FIELDS = ("external_id", "created_at", "source", "email", "phone", *LONGEST, "interests")
STAGE_FIELDS = ("external_id", "email", "at", "stage", "reason")
# A file that has the column and leaves it blank says something else than one that says "unknown".
NOT_TOLD = "(not told)"
IMPORTED = "import"
REASON = "imported"
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=5)
LONGEST_ID, LONGEST_SOURCE, LONGEST_REASON = 200, 60, 500


@dataclass(slots=True)
class Receipt:
    """What became of rows: stored, known already, refused as (place among them, why); and the
    ids of the leads that changed."""

    stored: int = 0
    known: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    lead_ids: list[int] = field(default_factory=list)


class Refused(ValueError):
    """A row that is not stored; the message says why."""


def import_leads(rows: Sequence[dict[str, str]], *, now: datetime) -> Receipt:
    """Makes a lead of each row, LEAD_FIELDS as texts, whose external_id, e-mail or, without
    those, phone is not known yet. A lead that is known stays as it is, but for an external_id that
    it did not have.

    Moments without a time zone are UTC. Not committed, not scored.
    """
    receipt = Receipt()
    organization = _locked()
    region = (organization.settings or {}).get("region", "FR")
    read = list(_read_each(rows, receipt, lambda row: _read_lead(row, region, now)))
    known, made = _Known([told for _, told in read]), []
    for place, told in read:
        try:
            lead = known.find(told)
        except Refused as refused:
            receipt.refused.append((place, str(refused)))
            continue
        if lead is None:
            lead = Lead(**told)
            made.append(lead)
            receipt.stored += 1
        else:
            lead.external_id = lead.external_id or told.get("external_id")
            receipt.known += 1
        known.add(lead)
    _keep(made, organization.id, now)
    receipt.lead_ids = [lead.id for lead in made]
    return receipt


def import_stages(
    rows: Sequence[dict[str, str]], *, stage: str | None = None, now: datetime
) -> Receipt:
    """Moves the lead of each row, STAGE_FIELDS as texts, to its stage, else to `stage`, at its
    moment; a stay that is known already is not stored again.

    A moment before the lead came is kept as it is told. Not committed, not scored.
    """
    receipt = Receipt()
    _locked()
    read = list(_read_each(rows, receipt, lambda row: _read_stage(row, stage, now)))
    known = _Known([told for _, told in read])
    stays = _stays(known.everybody)
    for place, told in read:
        try:
            lead = known.find(told)
            if lead is None:
                raise Refused("no lead of this organization has this external_id or e-mail")
            theirs = stays.setdefault(lead.id, {})
            if (told["stage"], told["at"]) in theirs:
                receipt.known += 1
                continue
            _move(lead, told, now)
            theirs[told["stage"], told["at"]] = True
        except (Refused, StageError) as refused:
            receipt.refused.append((place, str(refused)))
            continue
        receipt.stored += 1
        receipt.lead_ids.append(lead.id)
    return receipt


def _locked() -> Organization:
    """The organization; two imports at once wait for each other."""
    organization = db.session.get(Organization, acting_organization_id())
    lock_log(db.session.connection(), organization.id)
    return organization


def _read_each(rows, receipt: Receipt, read: Callable) -> Iterable[tuple[int, dict]]:
    for place, row in enumerate(rows):
        try:
            yield place, read(row)
        except Invalid as invalid:
            why = "; ".join(f"{name}: {problem}" for name, problem in invalid.fields.items())
            receipt.refused.append((place, why))
        except Refused as refused:
            receipt.refused.append((place, str(refused)))


def _read_lead(row: dict[str, str], region: str, now: datetime) -> dict:
    interests = [part for part in row.get("interests", "").split(";") if part.strip()]
    told = read_contact({**row, "interests": interests}, region)
    told["external_id"] = _short(row, "external_id", LONGEST_ID)
    if not (told["external_id"] or told.get("email") or told.get("phone")):
        raise Refused("give an external_id, an email or a phone, so that the lead is known again")
    source = _short(row, "source", LONGEST_SOURCE)
    told["source"] = source or (NOT_TOLD if "source" in row else IMPORTED)
    told["created_at"] = _moment(row, "created_at", now) if row.get("created_at") else now
    told["updated_at"] = told["created_at"]
    told.setdefault("interests", [])
    return told


def _read_stage(row: dict[str, str], stage: str | None, now: datetime) -> dict:
    told = {name: _short(row, name, LONGEST_ID) for name in ("external_id", "stage")}
    told["email"] = read_contact({"email": row.get("email")}).get("email")
    told["stage"] = (told["stage"] or stage or "").lower()
    told["reason"] = _short(row, "reason", LONGEST_REASON) or REASON
    if not (told["external_id"] or told["email"]):
        raise Refused("give the lead's external_id or email")
    if not told["stage"]:
        raise Refused("stage: say which, in a column or by --stage")
    told["at"] = _moment(row, "at", now)
    return told


def _short(row: dict[str, str], name: str, longest: int) -> str | None:
    text = clean_text(row.get(name))
    if len(text) > longest:
        raise Refused(f"{name}: shorten this to {longest} characters")
    return text or None


def _moment(row: dict[str, str], name: str, now: datetime) -> datetime:
    told = (row.get(name) or "").strip()
    try:
        moment = datetime.fromisoformat(told)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(f"{name}: write a day or a moment such as 2026-03-02 14:30:00") from None
    if not OLDEST <= moment <= now + AHEAD:
        raise Refused(f"{name}: {told} is before the year 2000 or still to come")
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class _Known:
    """The leads that rows mean, each looked up once."""

    def __init__(self, told: Sequence[dict]):
        self.everybody: list[Lead] = []
        self._by: dict[str, dict[str, Lead]] = {
            name: self._leads(name, told) for name in ("external_id", "email", "phone")
        }

    def _leads(self, name: str, told: Sequence[dict]) -> dict[str, Lead]:
        values = {row[name] for row in told if row.get(name)}
        if not values:
            return {}
        column = getattr(Lead, name)
        wanted = select(Lead).where(column.in_(values), Lead.erased_at.is_(None))
        found = db.session.scalars(wanted.order_by(Lead.id.desc())).all()
        self.everybody += found
        return {getattr(lead, name): lead for lead in found}

    def find(self, told: dict) -> Lead | None:
        """Whom a row means. Raises Refused where its columns mean two leads."""
        external_id, email, phone = (told.get(n) for n in ("external_id", "email", "phone"))
        found = self._by["external_id"].get(external_id)
        with_email = self._by["email"].get(email)
        if found is None:
            found = with_email
        elif with_email not in (None, found):
            raise Refused(f"external_id and email belong to two leads, {found.id} and another")
        if found is None and phone and not (external_id or email):
            return self._by["phone"].get(phone)
        if found and external_id and found.external_id not in (None, external_id):
            raise Refused(f"the lead with this email has another external_id, {found.external_id}")
        return found

    def add(self, lead: Lead):
        for name, leads in self._by.items():
            if value := getattr(lead, name):
                leads.setdefault(value, lead)


def _keep(leads: list[Lead], organization_id: int, now: datetime):
    """Stores new leads with their first stage, and what the log says of them."""
    db.session.add_all(leads)
    db.session.flush()
    db.session.add_all(
        LeadLifecycle(
            lead_id=lead.id,
            stage="new",
            previous_stage=None,
            entered_at=lead.created_at,
            transition_reason=REASON,
            is_current_stage=True,
        )
        for lead in leads
    )
    db.session.flush()
    if leads:
        events = [_came(lead) for lead in leads]
        track([Hit(organization_id, to_millis(now), events)], now=now)


def _came(lead: Lead) -> Event:
    return Event(
        id=uuid4().bytes,
        type="lead_created",
        occurred_at=to_millis(lead.created_at),
        data={"source": lead.source, "tool": None},
        lead_id=lead.id,
    )


def _stays(leads: Sequence[Lead]) -> dict[int, dict]:
    """lead id -> the stays it has had, as (stage, since when)."""
    wanted = select(LeadLifecycle).where(LeadLifecycle.lead_id.in_([lead.id for lead in leads]))
    stays: dict[int, dict] = {}
    for stay in db.session.scalars(wanted):
        stays.setdefault(stay.lead_id, {})[stay.stage, stay.entered_at] = True
    return stays


def _move(lead: Lead, told: dict, now: datetime):
    edited_at = lead.updated_at
    enter_stage(lead, told["stage"], told["reason"], at=told["at"], now=now)
    lead.updated_at = max(edited_at, told["at"])
