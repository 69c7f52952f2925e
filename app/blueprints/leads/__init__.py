from flask import Blueprint

blueprint = Blueprint("leads", __name__)

from app.blueprints.leads import (  # noqa: E402, F401
    adding,
    board,
    bulk,
    consents,
    conversions,
    lead,
    log,
    notes,
    routes,
    tasks,
    views,
)
