"""Tell a lead's stages from what is known to have happened, in the order in which it did."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import update

from app.domain.leads.lifecycle import (
    AUTOMATIC,
    STAGES,
    Entered,
    Fact,
    LifecycleRules,
    automatic_move,
    tell,
    triggers,
)
from app.domain.scoring.lead_score import score_lead
from app.extensions import db
from app.models import Lead, LeadLifecycle
from app.models.types import from_millis, to_millis
from app.operations.attribution.keep_conversions import keep_conversions
from app.operations.audit import audit
from app.operations.tracking.record_interaction import record_interaction
from app.queries.leads.stage_facts import (
    Act,
    chosen,
    lifecycle_rules,
    moving_acts,
    stays_of,
)
from app.queries.scoring.lead_facts import Past, lead_rules

SCORE = "score_reached"
TRIGGER_OF = {made.reason: trigger for trigger, made in AUTOMATIC.items()}
OPEN = frozenset(stage for stage in STAGES if automatic_move(stage, SCORE))


def tell_stages(
    lead: Lead,
    *,
    since: datetime,
    now: datetime,
    more: Sequence[Fact] = (),
    reasons: Mapping[tuple[str, datetime], str] | None = None,
) -> bool:
    """Brings the lead's stays, its stage and its conversions in line with the log, of which
    something at or after `since` is new, and with `more`; whether the stage changed.

    `reasons` are those of the moves that somebody makes just now and that are logged already.
    Automatic moves are dated by the act that made them.
    """
    rows = stays_of(lead.id)
    before = [entered(row) for row in rows]
    first = before[0] if before else Entered(whole(lead.created_at), lead.stage)
    rules, acts = lifecycle_rules(), moving_acts(lead.id)
    facts = [*_once(chosen(lead.id), [*map(fact, before[1:]), *more]), *moving(acts, rules)]
    told = tell(first, facts, lambda at, stage: False)
    if SCORE not in rules.switched_off and _may_reach(told, since):
        past = Scores(lead, rules)
        told = tell(first, [*facts, *past.looks(since, first.at)], past.reached)
    if told != before:
        keep_stays(lead, rows, told, reasons or {})
    moved = _move(lead, told[-1], now, logged=reasons is not None)
    keep_conversions(lead, before, told, acts, since=since, now=now)
    return moved


def entered(row: LeadLifecycle) -> Entered:
    """The stay that a row keeps."""
    trigger = TRIGGER_OF.get(row.transition_reason) if row.previous_stage else None
    return Entered(whole(row.entered_at), row.stage, row.previous_stage, trigger)


def chosen_at(lead: Lead) -> datetime | None:
    """Since when a lead has been where a person put it; None where it came by itself."""
    rows = stays_of(lead.id)
    if not rows or rows[-1].previous_stage is None or entered(rows[-1]).trigger:
        return None
    return rows[-1].entered_at


def whole(at: datetime) -> datetime:
    """As the database keeps it."""
    return from_millis(to_millis(at))


def fact(stay: Entered) -> Fact:
    """What once moved a lead moves it again."""
    return Fact(stay.at, stay.trigger, stay.stage)


def _once(logged: Sequence[Fact], others: Iterable[Fact]) -> Iterable[Fact]:
    """Each move of a person once, in the order in which the log has them: people may choose two
    stages at one moment, and the stays that came of that would move the lead to and fro."""
    known = {(move.at, move.stage) for move in logged}
    yield from logged
    yield from (each for each in others if each.trigger or (each.at, each.stage) not in known)


def moving(acts: Iterable[Act], rules: LifecycleRules) -> Iterable[Fact]:
    """What acts do by themselves, but for the score, which is looked at by itself."""
    for act in acts:
        for trigger in triggers(engagement_type=act.type, rules=rules):
            if trigger != SCORE:
                yield Fact(act.at, trigger)


def _may_reach(told: Sequence[Entered], since: datetime) -> bool:
    """Whether the score could have moved the lead at a moment at or after `since`."""
    ends = [stay.at for stay in told[1:]] + [None]
    pairs = zip(told, ends, strict=True)
    return any(stay.stage in OPEN and (end is None or end >= since) for stay, end in pairs)


class Scores:
    """The lead's scores at moments of the past, by the rules of now."""

    def __init__(self, lead: Lead, rules: LifecycleRules):
        self.rules, self.lead_rules = rules, lead_rules()
        self.past = Past(lead, self.lead_rules)

    def looks(self, since: datetime, begun: datetime) -> Iterable[Fact]:
        """The moments at or after `since` at which the score may have been reached."""
        moments = {max(at, begun) for at in self.past.moments() if max(at, begun) >= since}
        return [Fact(at, SCORE, look=True) for at in moments]

    def reached(self, at: datetime, stage: str) -> bool:
        """Whether the score, at a moment and in a stage, was one that qualifies."""
        score = score_lead(self.past.facts_at(at, stage), self.lead_rules)
        return score.shown >= self.rules.qualified_at


def keep_stays(lead: Lead, rows: list[LeadLifecycle], told: Sequence[Entered], reasons: Mapping):
    """The stays as told, in the rows that there are; the first keeps what it is."""
    known = {(row.stage, whole(row.entered_at)): row.transition_reason for row in rows}
    known |= reasons
    db.session.execute(
        update(LeadLifecycle)
        .where(LeadLifecycle.lead_id == lead.id, LeadLifecycle.is_current_stage)
        .values(is_current_stage=False)
    )
    for row in rows[len(told) :]:
        db.session.delete(row)
    ends = [stay.at for stay in told[1:]] + [None]
    for place, (stay, end) in enumerate(zip(told, ends, strict=True)):
        row = rows[place] if place < len(rows) else LeadLifecycle(lead_id=lead.id)
        row.stage, row.previous_stage = stay.stage, stay.previous
        row.entered_at, row.exited_at = stay.at, end
        row.transition_reason = (
            AUTOMATIC[stay.trigger].reason if stay.trigger else known.get((stay.stage, stay.at), "")
        )
        row.is_current_stage = end is None
        db.session.add(row)
    db.session.flush()


def _move(lead: Lead, stay: Entered, now: datetime, logged: bool) -> bool:
    previous, lead.stage = lead.stage, stay.stage
    if previous == stay.stage:
        return False
    lead.updated_at = now
    if not logged:
        reason = AUTOMATIC[stay.trigger].reason if stay.trigger else ""
        detail = {"from": previous, "to": stay.stage}
        told = {**detail, "reason": reason}
        audit("lead.stage_changed", f"lead {lead.id}", told, user_id=None, now=now)
        data = {**detail, "trigger": stay.trigger}
        record_interaction(
            "stage_changed", site=None, lead_id=lead.id, label=stay.stage, data=data, now=now
        )
    db.session.flush()
    return True
