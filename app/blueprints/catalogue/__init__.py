from flask import Blueprint

blueprint = Blueprint("catalogue", __name__, url_prefix="/admin/catalogue")

from app.blueprints.catalogue import (  # noqa: E402, F401
    clinics,
    closures,
    files,
    practitioners,
    treatments,
    trial,
    undo,
)
