"""How the organization takes appointments."""

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from app.access import may, role
from app.blueprints.admin import blueprint
from app.caller import caller_id
from app.clock import utc_now
from app.domain.appointments.slots import LIMITS, STEPS, BookingRules
from app.errors import ApiError
from app.extensions import db
from app.operations.appointments.set_booking_rules import set_booking_rules
from app.queries.appointments import availability


def whole(name: str, label: str, description: str) -> IntegerField:
    low, high = LIMITS[name]
    message = f"Enter a whole number from {low} to {high}."
    return IntegerField(
        label,
        [InputRequired(message), NumberRange(low, high, message)],
        description=description,
        render_kw={"inputmode": "numeric", "min": low, "max": high, "autocomplete": "off"},
    )


class BookingRulesForm(FlaskForm):
    step = SelectField(
        "Times are offered every",
        choices=[(step, f"{step} minutes") for step in STEPS],
        coerce=int,
        description="Such as 9:00, 9:15, 9:30.",
    )
    buffer = whole(
        "buffer", "Minutes kept free after each", "To clean, to write things down; 0 for none."
    )
    lead_hours = whole(
        "lead_hours", "Earliest, in hours from now", "Nobody books a time sooner than that online."
    )
    horizon_days = whole(
        "horizon_days", "Latest, in days from today", "How far ahead people see free times."
    )
    cancel_hours = whole(
        "cancel_hours",
        "Moved or cancelled online until, in hours before",
        "Later they are asked to call; you can always do it for them.",
    )
    reminder_hours = whole(
        "reminder_hours", "Reminder by e-mail, in hours before", "0 sends no reminders."
    )
    consultation_minutes = whole(
        "consultation_minutes",
        "Minutes of a first consultation",
        "Offered beside the treatments, by everybody; 0 offers none.",
    )


@blueprint.route("/admin/appointments/settings", methods=["GET", "POST"])
@role("analyst")
def appointment_settings():
    """Steps, buffer, lead time, horizon, the limit for changes, reminders."""
    form = BookingRulesForm(data=availability.booking_rules().to_json())
    if request.method == "POST" and not may("admin"):
        raise ApiError(403, "Only an admin or an owner changes these settings.")
    if not form.validate_on_submit():
        page = render_template("admin/appointments/settings.html", form=form)
        return page, 422 if form.errors else 200
    rules = BookingRules(**{name: form[name].data for name in LIMITS})
    changed = set_booking_rules(rules, user_id=caller_id(), now=utc_now())
    db.session.commit()
    told = "Saved. It holds for what is booked from now on." if changed else "Nothing has changed."
    flash(told, "success")
    return redirect(url_for("admin.appointment_settings"), 303)
