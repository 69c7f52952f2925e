"""Publish the next version of scoring rules; what was published before is never changed."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from app.domain.scoring.rules import RuleSet
from app.domain.scoring.session_score import SessionRules
from app.extensions import db
from app.models import LeadScoringRule, RuleSetVersion, Site
from app.operations.audit import audit
from app.operations.scoring.edit_rule_draft import subject_of
from app.operations.start_job import start_job
from app.queries.scoring.rules import ROW_FIELDS, interaction_rules, session_rules
from app.queries.scoring.rules_history import session_version

LONGEST_NOTE = 300
RESCORE = "rules.rescore_leads"


class VersionConflict(Exception):
    """Somebody published `version` after the version that these rules were made from."""

    def __init__(self, version: int):
        super().__init__(f"Version {version} was published in the meantime.")
        self.version = version


def publish_interaction_rules(
    rule_set: RuleSet,
    *,
    user_id: int | None,
    note: str = "",
    now: datetime,
    made_from: int | None = None,
    brought_back: int | None = None,
) -> RuleSetVersion:
    """Puts the organization's interaction rules in force, and starts the job that scores its leads
    by them; interactions keep the score they were given.

    Rules are numbered anew in their order. `made_from` is the version they were edited from:
    VersionConflict when it is no longer the newest. RuleError when the rules cannot be used.
    `brought_back` names the older version that these are.
    """
    checked = RuleSet.from_json({**rule_set.to_json(), "version": 1})
    before = interaction_rules()
    _refuse_stale(before.version, made_from)
    body = checked.to_json()
    rules = [rule.to_json() for rule in checked.ordered]
    del body["rules"], body["version"]
    published = RuleSetVersion(
        kind="interaction",
        version=before.version + 1,
        body=body,
        note=note.strip()[:LONGEST_NOTE],
        published_at=now,
        published_by_id=user_id,
        rules=[_row(rule, position) for position, rule in enumerate(rules, start=1)],
    )
    _add(published)
    after = {**body, "version": published.version, "rules": rules}
    _audit(published, before.to_json(), after, brought_back, user_id, now)
    if not checked.scores_like(before) or checked.levels != before.levels:
        start_job(RESCORE, {"version": published.version}, user_id=user_id, now=now)
    return published


def publish_session_rules(
    site: Site,
    rules: SessionRules,
    *,
    user_id: int | None,
    note: str = "",
    now: datetime,
    made_from: int | None = None,
    brought_back: int | None = None,
) -> RuleSetVersion:
    """Puts a site's session rules in force for visits that begin from now on; visits that began
    before keep the rules of their beginning.

    `made_from` and `brought_back` as above. Invalid when the rules cannot be used.
    """
    checked = SessionRules.from_json(rules.to_json())
    newest = session_version(site.id)
    _refuse_stale(newest, made_from)
    before = session_rules(site.id)
    published = RuleSetVersion(
        kind="session",
        site_id=site.id,
        version=newest + 1,
        body=checked.to_json(),
        note=note.strip()[:LONGEST_NOTE],
        published_at=now,
        published_by_id=user_id,
    )
    _add(published)
    _audit(published, before.to_json(), published.body, brought_back, user_id, now)
    return published


def _refuse_stale(newest: int, made_from: int | None):
    if made_from is not None and made_from != newest:
        raise VersionConflict(newest)


def _row(rule: dict, position: int) -> LeadScoringRule:
    values = {name: rule[name] for name in ROW_FIELDS}
    return LeadScoringRule(**{**values, "code": rule["id"], "position": position})


def _add(published: RuleSetVersion):
    """Two people may publish the same number at once on PostgreSQL; the key lets one through."""
    try:
        with db.session.begin_nested():
            db.session.add(published)
    except IntegrityError:
        raise VersionConflict(published.version) from None


def _audit(published, before: dict, after: dict, brought_back, user_id, now):
    detail = {
        "version": published.version,
        "note": published.note,
        "before": before,
        "after": after,
    }
    action = "rules.published"
    if brought_back is not None:
        action, detail["brought_back"] = "rules.rolled_back", brought_back
    subject = subject_of(published.kind, published.site_id)
    audit(action, subject, detail, user_id=user_id, now=now)
