from flask import Blueprint

blueprint = Blueprint("settings", __name__)

from app.blueprints.settings import (  # noqa: E402, F401
    account,
    engagement_types,
    journeys,
    lead_scoring,
    organization,
    sites,
    tokens,
    users,
)
