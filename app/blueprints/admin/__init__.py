from flask import Blueprint

blueprint = Blueprint("admin", __name__)

from app.blueprints.admin import (  # noqa: E402, F401
    appointments,
    appointments_booking,
    appointments_settings,
    attribution,
    contact_form,
    journeys,
    outgoing,
    quote_settings,
    quotes,
    routes,
    rules,
    shell,
    spend,
    spend_files,
)
