"""What programs call: JSON in, JSON out, by an API token or a signed-in user."""

from flask import Blueprint

blueprint = Blueprint("api", __name__)

from app.blueprints.api import interactions, lead_score, leads  # noqa: E402, F401
