"""The published versions of scoring rules, and what changed from one to the next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.domain.scoring.condition import Condition
from app.domain.scoring.rules import Rule, RuleSet
from app.domain.scoring.session_score import DEFAULT_SESSION_RULES, SessionRules
from app.extensions import db
from app.models import RuleSetVersion, User
from app.queries.scoring.rules import defaults, rule_set_of

PAGE = 20
RULE_WORDS = {
    "name": "name",
    "kind": "kind",
    "points": "points",
    "interaction_type": "applies to",
    "per_unit": "counted for each",
    "unit_cap": "at most units",
}
SESSION_WORDS = {
    "page_points": "points a page",
    "page_cap": "most for pages",
    "regular_click_points": "points a click",
    "important_click_points": "points an important click",
    "click_cap": "most for clicks",
    "total_cap": "most in all",
    "half_life_days": "half-life in days",
}


@dataclass(frozen=True, slots=True)
class Published:
    """A version with who published it, when and why; `changes` are against the one before."""

    version: int
    note: str
    at: datetime | None
    by: str | None
    changes: tuple[str, ...]


def interaction_history(before: int | None = None) -> tuple[list[Published], int | None]:
    """Published versions below `before`, newest first, and the number to ask for the next page.

    The defaults, version 0, end the list.
    """
    rows = _rows("interaction", None, before)
    sets = [rule_set_of(row) for row, _ in rows] + [defaults()]
    return _published(rows, sets, changes)


def session_history(site_id: int, before: int | None = None) -> tuple[list[Published], int | None]:
    """The same for a site's session rules."""
    rows = _rows("session", site_id, before)
    sets = [SessionRules.from_json(row.body) for row, _ in rows] + [DEFAULT_SESSION_RULES]
    return _published(rows, sets, session_changes)


def interaction_version(version: int) -> RuleSet | None:
    """The organization's interaction rules of that version; 0 are the defaults."""
    if version == 0:
        return defaults()
    row = _row("interaction", None, version)
    return rule_set_of(row) if row else None


def session_rules_version(site_id: int, version: int) -> SessionRules | None:
    """A site's session rules of that version; 0 are the defaults."""
    if version == 0:
        return DEFAULT_SESSION_RULES
    row = _row("session", site_id, version)
    return SessionRules.from_json(row.body) if row else None


def version_at(moment: datetime) -> int:
    """Which interaction rules were in force at a moment; 0 are the defaults."""
    wanted = select(func.max(RuleSetVersion.version)).where(
        RuleSetVersion.kind == "interaction", RuleSetVersion.published_at <= moment
    )
    return db.session.scalar(wanted) or 0


def session_version(site_id: int) -> int:
    """The newest version of a site's session rules; 0 while it has the defaults."""
    wanted = select(func.max(RuleSetVersion.version)).where(
        RuleSetVersion.kind == "session", RuleSetVersion.site_id == site_id
    )
    return db.session.scalar(wanted) or 0


def publisher(kind: str, site_id: int | None, version: int) -> str | None:
    """The name of who published that version."""
    row = _row(kind, site_id, version)
    return row and db.session.scalar(select(User.name).where(User.id == row.published_by_id))


def _rows(kind: str, site_id: int | None, before: int | None):
    wanted = (
        select(RuleSetVersion, User.name)
        .outerjoin(User, User.id == RuleSetVersion.published_by_id)
        .where(RuleSetVersion.kind == kind, RuleSetVersion.site_id == site_id)
        .options(selectinload(RuleSetVersion.rules))
        .order_by(RuleSetVersion.version.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        wanted = wanted.where(RuleSetVersion.version < before)
    return db.session.execute(wanted).all()


def _row(kind: str, site_id: int | None, version: int) -> RuleSetVersion | None:
    return db.session.scalar(
        select(RuleSetVersion).where(
            RuleSetVersion.kind == kind,
            RuleSetVersion.site_id == site_id,
            RuleSetVersion.version == version,
        )
    )


def _published(rows, sets, differ) -> tuple[list[Published], int | None]:
    found = [
        Published(row.version, row.note, row.published_at, who, tuple(differ(old, new)))
        for (row, who), new, old in zip(rows, sets, sets[1:], strict=False)
    ]
    if len(rows) > PAGE:
        return found[:PAGE], found[PAGE - 1].version
    return [*found, Published(0, "The defaults", None, None, ())], None


def changes(before: RuleSet, after: RuleSet) -> Iterable[str]:
    """What `after` changes, in words, a line a change."""
    old, new = ({rule.id: rule for rule in s.ordered} for s in (before, after))
    for code in old.keys() - new.keys():
        yield f"{old[code].name}: removed"
    for code, rule in new.items():
        if code in old:
            yield from _rule_changes(old[code], rule)
        else:
            yield f"{rule.name}: added, {rule.points:+d}"
    if [c for c in old if c in new] != [c for c in new if c in old]:
        yield "Order changed"
    yield from _settings_changes(before, after)


def _rule_changes(old: Rule, new: Rule) -> Iterable[str]:
    for name, words in RULE_WORDS.items():
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield f"{old.name}: {words} {_told(was)} → {_told(now)}"
    if old.condition != new.condition:
        yield f"{old.name}: when {_condition(old.condition)} → {_condition(new.condition)}"
    if old.active != new.active:
        yield f"{old.name}: switched {'on' if new.active else 'off'}"


def _settings_changes(before: RuleSet, after: RuleSet) -> Iterable[str]:
    for kind in sorted(before.thresholds.keys() | after.thresholds.keys()):
        was, now = before.thresholds.get(kind), after.thresholds.get(kind)
        if was != now:
            yield f"Threshold of {kind.replace('_', ' ')}: {_told(was)} → {_told(now)}"
    if before.high_intent_limit != after.high_intent_limit:
        yield f"High-intent limit: {before.high_intent_limit} → {after.high_intent_limit}"
    for name, was, now in zip(("Medium", "High"), before.levels, after.levels, strict=True):
        if was != now:
            yield f"{name} from: {was} → {now}"
    if before.cap != after.cap:
        yield f"Cap: {before.cap} → {after.cap}"


def session_changes(before: SessionRules, after: SessionRules) -> Iterable[str]:
    """What `after` changes, in words, a line a change."""
    if before.duration_bands != after.duration_bands:
        yield f"Duration bands: {_bands(before)} → {_bands(after)}"
    for name, words in SESSION_WORDS.items():
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            yield f"{words.capitalize()}: {_told(was)} → {_told(now)}"
    if before.important_labels != after.important_labels:
        was, now = (", ".join(r.important_labels) or "none" for r in (before, after))
        yield f"Important labels: {was} → {now}"


def _bands(rules: SessionRules) -> str:
    return ", ".join(f"{band.from_seconds} s {band.points}" for band in rules.duration_bands)


def _condition(condition: Condition | None) -> str:
    return condition.describe() if condition else "always"


def _told(value) -> str:
    return "none" if value is None else str(value).removesuffix(".0")
