from flask import Blueprint

blueprint = Blueprint("settings", __name__)

from app.blueprints.settings import account, organization, sites, tokens, users  # noqa: E402, F401
