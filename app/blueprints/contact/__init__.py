from flask import Blueprint

from app.hosting import enter_hosted_site

blueprint = Blueprint("contact", __name__, url_prefix="/contact")
blueprint.before_request(enter_hosted_site)

from app.blueprints.contact import routes  # noqa: E402, F401
