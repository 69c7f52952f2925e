from app.blueprints.contact import blueprint  # noqa: F401
