from flask import Blueprint

from app.hosting import enter_hosted_site

blueprint = Blueprint("site", __name__)
blueprint.before_request(enter_hosted_site)

from app.blueprints.site import routes  # noqa: E402, F401
