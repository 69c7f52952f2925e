from flask import Blueprint

blueprint = Blueprint("cost", __name__, url_prefix="/enhanced-cost")

from app.blueprints.tools.cost import routes  # noqa: E402, F401
