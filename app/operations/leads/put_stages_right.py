"""Tell a lead's stages again from the log, and say what was kept otherwise."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from app.domain.leads.lifecycle import TRIGGERS, Entered, Fact, tell
from app.extensions import db
from app.models import AuditLog, Interaction, Lead, LeadLifecycle
from app.operations.leads.tell_stages import (
    SCORE,
    Scores,
    entered,
    fact,
    keep_stays,
    moving,
    whole,
)
from app.queries.leads.stage_facts import Act, lifecycle_rules, moving_acts, noted, stays_of

EVER = datetime(1, 1, 1, tzinfo=UTC)
BEGINS_AS = "new"
SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Retold:
    """A lead's stays as they were kept and as the log tells them, its acts that move leads, and
    how many rows differed."""

    before: list[Entered]
    told: list[Entered]
    acts: list[Act]
    differing: int
    moved: bool


def put_stages_right(
    lead: Lead, *, since: datetime | None = None, doubted: datetime | None = None
) -> Retold:
    """Brings a lead's stays and stage in line with the log. To be called by whoever holds the lead.

    A move by a person is in the log, and so is the act behind a move by an act. What the score or a
    silence once moved stays moved, whatever the rules say now: such stays are believed. The score
    is looked at again only where a stay is missing, and from `since` on, from when the lead has not
    been looked at yet. What the score moved at the moment `doubted` is not believed: something
    that happened then was taken back, and from then on the score is looked at again. Nothing is
    added to the log.
    """
    told_by = _Log(lead, doubted)
    told = told_by.tell(since)
    before = [entered(row) for row in told_by.rows]
    kept = _values(told_by.rows)
    if (stored := kept) != _wanted(told):
        keep_stays(lead, told_by.rows, told, told_by.reasons(told))
        kept = _values(stays_of(lead.id))
    moved = lead.stage != told[-1].stage
    lead.stage = told[-1].stage
    return Retold(before, told, told_by.acts, _differing(stored, kept), moved)


class _Log:
    """What is known of one lead's stages."""

    def __init__(self, lead: Lead, doubted: datetime | None):
        self.lead, self.rules, self.doubted = lead, lifecycle_rules(), doubted
        self.rows, self.acts, self.noted = stays_of(lead.id), moving_acts(lead.id), noted(lead.id)
        self.first = self._first()

    def _first(self) -> Entered:
        kept = next((row for row in self.rows if row.previous_stage is None), None)
        return Entered(whole(kept.entered_at if kept else self.lead.created_at), BEGINS_AS)

    def tell(self, since: datetime | None) -> list[Entered]:
        """The stays as the log tells them, as far as it can."""
        facts = [*self._chosen(), *moving(self.acts, self.rules), *self._believed()]
        told = tell(self.first, facts, lambda at, stage: False)
        if self._lacks(told):
            since = EVER
        elif self.doubted is not None:
            since = min(since or self.doubted, self.doubted)
        if since is None or SCORE in self.rules.switched_off:
            return self._as_noted(told, facts)
        past = Scores(self.lead, self.rules)
        return self._as_noted(
            tell(self.first, [*facts, *past.looks(since, self.first.at)], past.reached), facts
        )

    def _chosen(self) -> list[Fact]:
        return [move for move in self.noted if move.trigger is None]

    def _believed(self) -> list[Fact]:
        """What moved the lead by itself: as it was kept, if an act was needed for it and there is
        one; and what a silence moved, as the log noted it."""
        first = self.first.at
        done = {(TRIGGERS[act.type], max(whole(act.at), first)) for act in self.acts}
        stays = [entered(row) for row in self.rows if row.previous_stage is not None]
        doubted = max(whole(self.doubted), first) if self.doubted else None
        return [
            *(
                fact(stay)
                for stay in stays
                if (stay.trigger in (SCORE, SILENT) and stay.at != doubted)
                or (stay.trigger, stay.at) in done
            ),
            *(Fact(move.at, SILENT) for move in self.noted if move.trigger == SILENT),
        ]

    def _lacks(self, told: Sequence[Entered]) -> bool:
        """Whether the kept stays tell of one that is not there: they do not follow each other, or
        the log noted that the score moved the lead. From the moment `doubted` on they may well."""
        follows = {(stay.stage, stay.at): stay.previous for stay in told}
        begins = {stay.at for stay in told}
        rows = [row for row in self.rows if not self._is_doubted(row.entered_at)]
        return self._misses_score(told) or any(
            (row.previous_stage or BEGINS_AS)
            != (follows.get((row.stage, whole(row.entered_at)), row.previous_stage) or BEGINS_AS)
            or not (self._is_doubted(row.exited_at) or whole(row.exited_at) in begins)
            for row in rows
        )

    def _is_doubted(self, at: datetime | None) -> bool:
        """Whether it lies at or after what is doubted, or is still to come."""
        return at is None or (self.doubted is not None and whole(at) >= whole(self.doubted))

    def _misses_score(self, told: Sequence[Entered]) -> bool:
        noted = any(move.trigger == SCORE for move in self.noted)
        return noted and not any(stay.trigger == SCORE for stay in told)

    def _as_noted(self, told: list[Entered], facts: Sequence[Fact]) -> list[Entered]:
        """Where the rules of now would not have moved the lead, it was moved when it was noted."""
        if not self._misses_score(told):
            return told
        moved = [Fact(move.at, SCORE) for move in self.noted if move.trigger == SCORE]
        return tell(self.first, [*facts, *moved], lambda at, stage: False)

    def reasons(self, told: Sequence[Entered]) -> dict[tuple[str, datetime], str]:
        """Why people moved the lead, for stays that are not kept: the audit log says."""
        kept = {(row.stage, whole(row.entered_at)) for row in self.rows}
        lost = {(stay.stage, stay.at) for stay in told if not stay.trigger} - kept
        if not lost:
            return {}
        reasons = {(BEGINS_AS, self.first.at): f"came by {self.lead.source}"}
        for at, noted_at, stage in self._moves_heard_of():
            reasons[stage, at] = self._audited(stage, noted_at)
        return {place: reasons[place] for place in lost if place in reasons}

    def _moves_heard_of(self):
        return db.session.execute(
            select(Interaction.occurred_at, Interaction.received_at, Interaction.label).where(
                Interaction.organization_id == self.lead.organization_id,
                Interaction.lead_id == self.lead.id,
                Interaction.type == "stage_changed",
            )
        )

    def _audited(self, stage: str, at: datetime) -> str:
        lines = db.session.scalars(
            select(AuditLog.detail).where(
                AuditLog.at == at,
                AuditLog.action == "lead.stage_changed",
                AuditLog.subject == f"lead {self.lead.id}",
            )
        )
        return next((d["reason"] for d in lines if d and d.get("to") == stage), "")


def _values(rows: Sequence[LeadLifecycle]) -> list[tuple]:
    return [
        (row.stage, row.previous_stage, row.entered_at, row.exited_at, row.is_current_stage)
        for row in rows
    ]


def _wanted(told: Sequence[Entered]) -> list[tuple]:
    """The same of the stays as told."""
    ends = [stay.at for stay in told[1:]] + [None]
    return [
        (stay.stage, stay.previous, stay.at, end, end is None)
        for stay, end in zip(told, ends, strict=True)
    ]


def _differing(stored: Sequence[tuple], kept: Sequence[tuple]) -> int:
    one, other = Counter(stored), Counter(kept)
    return max((one - other).total(), (other - one).total())
