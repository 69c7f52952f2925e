from flask import Blueprint

blueprint = Blueprint("admin", __name__)

from app.blueprints.admin import outgoing, routes, rules, session_rules, shell  # noqa: E402, F401
