"""Sites, and what the tracker must know of one."""

from dataclasses import dataclass

from sqlalchemy import select

from app.domain.scoring.session_score import DEFAULT_SESSION_RULES, SessionRules
from app.extensions import db
from app.models import Site
from app.queries.scoring.rules import session_rules_history
from app.tenancy import across_organizations, acting_for


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What the tracker needs of a site; `window` is the silence that ends a visit, in ms."""

    id: int
    organization_id: int
    key: str
    hosts: frozenset[str]
    identity_mode: str
    honours_do_not_track: bool
    active: bool
    hosted: bool
    window: int
    rules: tuple[tuple[int, SessionRules], ...] = ((0, DEFAULT_SESSION_RULES),)

    def rules_at(self, moment: int) -> SessionRules:
        """The session rules in force at a moment (milliseconds)."""
        for since, rules in self.rules:
            if since <= moment:
                return rules
        return self.rules[-1][1]


def facts_of(site: Site) -> SiteFacts:
    """A site as the tracker sees it, with its rules' history."""
    with acting_for(site.organization_id):
        history = tuple(session_rules_history(site.id))
    return SiteFacts(
        id=site.id,
        organization_id=site.organization_id,
        key=site.key,
        hosts=site.hosts,
        identity_mode=site.identity_mode,
        honours_do_not_track=site.honours_do_not_track,
        active=site.active,
        hosted=site.hosted,
        window=site.resume_minutes * 60_000,
        rules=history,
    )


def site_by_key(key: str) -> Site | None:
    """The site with this key, whoever it belongs to: the key is what says so."""
    if "\0" in key:  # PostgreSQL would not take the question
        return None
    with across_organizations():
        return db.session.scalar(select(Site).where(Site.key == key))


def hosted_site(host: str) -> Site | None:
    """The site whose public pages this host shows: the one with this domain, else the first."""
    with across_organizations():
        hosted = db.session.scalars(select(Site).where(Site.hosted).order_by(Site.id)).all()
    named = (site for site in hosted if host.partition(":")[0] in site.hosts)
    return next(named, hosted[0] if hosted else None)


def site(site_id: int) -> Site | None:
    """A site of the organization acted for."""
    return db.session.scalar(select(Site).where(Site.id == site_id))


def sites() -> list[Site]:
    """The sites of the organization acted for, oldest first."""
    return list(db.session.scalars(select(Site).order_by(Site.id)))
