"""Leadlight: lead capture and lead intelligence, self-hosted."""

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from app import access, addresses, assets, cli, errors, headers, logs, pages, rate_limit, uploads
from app.blueprints import BLUEPRINTS
from app.blueprints.collect.door import CollectorDoor
from app.config import ROOT, settings_from_environment
from app.extensions import compress, csrf, db, limiter, migrate

__version__ = "0.1.0"


def create_app(settings: dict | None = None) -> Flask:
    """The application. `settings` override those of the environment."""
    app = Flask(__name__, static_folder=None)
    app.config.from_mapping(settings_from_environment())
    app.config.from_mapping(settings or {})
    app.jinja_env.undefined = StrictUndefined

    logs.init_app(app)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    csrf.init_app(app)
    limiter.init_app(app)
    compress.init_app(app)
    uploads.init_app(app)
    addresses.init_app(app)
    rate_limit.init_app(app)
    access.init_app(app)
    errors.init_app(app)
    headers.init_app(app)
    assets.init_app(app)
    pages.init_app(app)
    cli.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)

    app.wsgi_app = CollectorDoor(app)
    if hops := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
    return app
