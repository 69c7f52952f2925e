"""The recommendation: say in your own words what bothers you, see which treatments fit."""

from flask import render_template

from app.access import public
from app.blueprints.tools.recommendation import blueprint
from app.domain.cost import BUDGETS, URGENCIES

TYPE = "ai_recommendation"
LONGEST_TEXT = 1000


@blueprint.route("/")
@public
def form():
    """The question: what would you like to change?"""
    return render_template(
        "recommendation/form.html",
        budgets=BUDGETS,
        urgencies=URGENCIES,
        longest=LONGEST_TEXT,
    )
