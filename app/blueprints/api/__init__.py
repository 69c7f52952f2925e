"""What programs call: JSON in, JSON out, by an API token or a signed-in user."""

from flask import Blueprint

blueprint = Blueprint("api", __name__)

from app.blueprints.api import (  # noqa: E402
    analytics,
    attribution,
    docs,
    engagement,
    interactions,
    jobs,
    journey,
    lead_score,
    leads,
    lifecycle,
    openapi,
    scoring,
)

__all__ = [
    "analytics",
    "attribution",
    "blueprint",
    "docs",
    "engagement",
    "interactions",
    "jobs",
    "journey",
    "lead_score",
    "leads",
    "lifecycle",
    "openapi",
    "scoring",
]
