"""Scoring rules: edit a draft, try it on history, publish it, bring an old version back."""

from app.blueprints.admin.rules import routes  # noqa: F401
