"""The two kinds of rules that one flow edits: of interactions, and of a site's visits."""

from collections.abc import Iterable
from datetime import datetime
from types import ModuleType
from typing import Any, NamedTuple

from flask import abort, url_for

from app.blueprints.admin.rules import interaction_form, session_form
from app.blueprints.admin.rules.draft import Typed
from app.domain.scoring.rules import RuleSet
from app.domain.scoring.session_score import DEFAULT_SESSION_RULES, SessionRules
from app.models import RuleDraft, RuleSetVersion, Site
from app.operations.scoring.publish_rules import publish_interaction_rules, publish_session_rules
from app.queries.scoring import rules as queries
from app.queries.scoring import rules_history
from app.queries.scoring.rule_drafts import draft_of
from app.queries.scoring.rules_history import Published
from app.queries.tracking.sites import site as find_site

VERSION_NAMES = {
    "levels": "Levels",
    "high_intent_limit": "High-intent limit",
    "cap": "Cap",
    "rules": "Rules",
}
VISIT_NAMES = {
    "duration_bands": "Duration bands",
    "labels": "Important labels",
    "important_labels": "Important labels",
    "half_life_days": "Half-life",
    **session_form.POINTS,
}


class Words(NamedTuple):
    """What the pages call things."""

    title: str
    acts: str  # what is scored
    in_force: str  # what a publication does


class Rules:
    """The rules of interactions or of a site's visits; what differs is in the subclasses."""

    kind: str
    words: Words
    form: ModuleType
    fields: str
    site: Site | None = None

    @property
    def site_id(self) -> int | None:
        return self.site.id if self.site else None

    @property
    def preview_job(self) -> str:
        return f"rules.preview_{self.kind}"

    def address(self, view: str = "admin.rules", **more) -> str:
        return url_for(view, site_id=self.site_id, **more)

    @property
    def stored(self) -> RuleDraft | None:
        return draft_of(self.kind, self.site_id)

    def draft(self) -> Typed:
        """The draft as it was kept; the rules in force where there is none."""
        stored = self.stored
        return self.kept(stored) if stored else self.form_of(self.version())

    def kept(self, stored: RuleDraft) -> Typed:
        # What a version of this program did not keep yet is as by default.
        whole = self.defaults().body
        body = whole | {name: stored.body[name] for name in whole.keys() & stored.body.keys()}
        return self.form.from_body(body, stored.made_from, stored.revision)

    def publisher(self, version: int) -> str | None:
        return rules_history.publisher(self.kind, self.site_id, version)


class InteractionRules(Rules):
    kind = "interaction"
    words = Words(
        "Scoring rules",
        "interactions",
        "scores what happens from now on; leads are scored by it again in the background, and what "
        "interactions were given stays",
    )
    form = interaction_form
    fields = "admin/rules/_interaction_rules.html"

    def version(self) -> int:
        return queries.interaction_rules().version

    def in_force(self) -> RuleSet:
        return queries.interaction_rules()

    def of_version(self, version: int) -> RuleSet | None:
        return rules_history.interaction_version(version)

    def form_of(self, version: int) -> Typed:
        """The form of a version, as it would be edited."""
        return interaction_form.form_of(self.of_version(version))

    def defaults(self) -> Typed:
        return interaction_form.form_of(queries.defaults())

    def to_json(self, rules: RuleSet) -> dict[str, Any]:
        return {**rules.to_json(), "version": 1}

    def read(self, data: dict[str, Any]) -> RuleSet:
        return RuleSet.from_json(data)

    def changes(self, before: RuleSet, after: RuleSet) -> Iterable[str]:
        return rules_history.changes(before, after)

    def history(self, before: int | None) -> tuple[list[Published], int | None]:
        return rules_history.interaction_history(before)

    def publish(self, rules: RuleSet, *, now: datetime, **given) -> RuleSetVersion:
        return publish_interaction_rules(rules, now=now, **given)

    def label_of(self, name: str) -> str:
        """What the page calls a field: "rules-2-points" is the points of rule 3."""
        if name.startswith("rules-"):
            _, place, what = name.split("-")
            return f"Rule {int(place) + 1}, {what.replace('_', ' ')}"
        kind = name.removeprefix("threshold-")
        if kind != name:
            return f"Threshold of {interaction_form.TYPE_NAMES.get(kind, kind)}"
        return VERSION_NAMES.get(name, name)


class VisitRules(Rules):
    kind = "session"
    words = Words(
        "Scoring of visits",
        "visits",
        "scores visits that begin from now on; a visit keeps the rules of its beginning",
    )
    form = session_form
    fields = "admin/rules/_visit_rules.html"

    def __init__(self, site: Site):
        self.site = site

    def version(self) -> int:
        return rules_history.session_version(self.site.id)

    def in_force(self) -> SessionRules:
        return queries.session_rules(self.site.id)

    def of_version(self, version: int) -> SessionRules | None:
        return rules_history.session_rules_version(self.site.id, version)

    def form_of(self, version: int) -> Typed:
        return session_form.form_of(self.of_version(version), version)

    def defaults(self) -> Typed:
        return session_form.form_of(DEFAULT_SESSION_RULES, 0)

    def to_json(self, rules: SessionRules) -> dict[str, Any]:
        return rules.to_json()

    def read(self, data: dict[str, Any]) -> SessionRules:
        return SessionRules.from_json(data)

    def changes(self, before: SessionRules, after: SessionRules) -> Iterable[str]:
        return rules_history.session_changes(before, after)

    def history(self, before: int | None) -> tuple[list[Published], int | None]:
        return rules_history.session_history(self.site.id, before)

    def publish(self, rules: SessionRules, *, now: datetime, **given) -> RuleSetVersion:
        return publish_session_rules(self.site, rules, now=now, **given)

    def label_of(self, name: str) -> str:
        """What the page calls a field: "bands-2-points" is the points of band 3."""
        if name.startswith("bands-"):
            _, place, what = name.split("-")
            return f"Band {int(place) + 1}, {what.replace('_', ' ')}"
        return VISIT_NAMES.get(name, name)


def rules_of(site_id: int | None) -> Rules:
    """The interaction rules (no site), or a site's; 404 for a site that is not ours."""
    if site_id is None:
        return InteractionRules()
    return VisitRules(find_site(site_id) or abort(404, "There is no such site."))
