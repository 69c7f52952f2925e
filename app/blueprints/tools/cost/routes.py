from app.blueprints.tools.cost import blueprint  # noqa: F401
