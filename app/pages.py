"""What every template may use: formats, and who is looking."""

from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import g, request
from markupsafe import Markup

from app.access import may
from app.clock import utc_now
from app.domain.money import money, money_to_the_cent
from app.domain.score import round_half_up


def number(value) -> str:
    """1234567 -> 1,234,567."""
    return f"{value:,}"


def percent(part: float, whole: float, places: int = 1) -> str:
    """part of whole, halves rounded up; an en dash when there is no whole."""
    return f"{round_half_up(100 * part / whole, places)}%" if whole else "–"


def local(moment: datetime | None, shape: str = "%-d %b %Y, %H:%M") -> str:
    """A moment in the organization's time zone."""
    if moment is None:
        return "–"
    organization = g.get("organization")
    zone = ZoneInfo(organization.timezone) if organization else ZoneInfo("UTC")
    return moment.astimezone(zone).strftime(shape)


def when(moment: datetime | None) -> Markup:
    """A <time> that says how long ago, with the full moment as its title."""
    if moment is None:
        return Markup("–")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(), local(moment), ago(moment)
    )


AGO = ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"), (30 * 86_400, 86_400, "d"))


def ago(moment: datetime) -> str:
    """5 min ago, 3 h ago, 2 d ago; older than a month: the date."""
    seconds = (utc_now() - moment).total_seconds()
    if seconds < 5:
        return "just now"
    for below, size, unit in AGO:
        if seconds < below:
            return f"{int(seconds // size)} {unit} ago"
    return local(moment, "%-d %b %Y")


def duration(seconds: int) -> str:
    """75 -> 1 min 15 s."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def address_with(**changes) -> str:
    """This page's own address with some query parameters changed: None removes one, several values
    are given as a list."""
    arguments: dict[str, list] = request.args.to_dict(flat=False)
    for name, value in changes.items():
        values = value if isinstance(value, list) else [value]
        arguments[name] = [str(each) for each in values if each is not None]
    query = urlencode(arguments, doseq=True)
    return f"{request.path}?{query}" if query else request.path


def init_app(app):
    for filter_ in (money, money_to_the_cent, number, local, when, ago, duration):
        app.jinja_env.filters[filter_.__name__] = filter_
    app.jinja_env.globals.update(percent=percent, may=may, address_with=address_with)

    @app.context_processor
    def organization():
        return {"organization": g.get("organization"), "now": utc_now()}
