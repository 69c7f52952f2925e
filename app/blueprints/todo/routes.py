"""What the signed-in user has to do, over all leads."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import g, render_template, request

from app.access import may, role
from app.blueprints.todo import blueprint
from app.caller import NOBODY, caller_id, may_change_leads, own_leads_of
from app.clock import utc_now
from app.domain.leads.agenda import GROUPS, day_begins, group_of
from app.domain.leads.due import is_whole_day
from app.queries.leads import tasks as queries
from app.queries.leads.lead_list import assignable

EVERYBODY = "all"


@dataclass(frozen=True, slots=True)
class Line:
    """A task as the page shows it, with when it is due in words."""

    todo: queries.ToDo
    due: str
    moment: datetime | None


@blueprint.get("/admin/todo")
@role("agent")
def index():
    now, zone = utc_now(), ZoneInfo(g.organization.timezone)
    people = {user.id: user.name for user in assignable()} if may("admin") else {}
    whose = _whose(people)
    found = queries.tasks(whose, own_leads_of(), day_begins(now, zone))
    groups: dict[str, list[Line]] = {name: [] for name in GROUPS}
    for todo in found:
        if todo.task.done_at is None:
            group = group_of(todo.task.due_at, now, zone)
            groups[group].append(Line(todo, _due(todo.task.due_at, group, zone), todo.task.due_at))
    return render_template(
        "todo/index.html",
        groups={name: lines for name, lines in groups.items() if lines},
        headings=GROUPS,
        done=[todo for todo in found if todo.task.done_at is not None],
        leads=queries.pressing(whose, own_leads_of()),
        people=people,
        whose=whose,
        mine=whose == (caller_id() or NOBODY),
        more=len(found) == queries.MOST,
        changeable=may_change_leads(),
        tomorrow=now.astimezone(zone).date() + timedelta(days=1),
        here=request.full_path.rstrip("?"),
    )


def _whose(people: dict[int, str]) -> int | None:
    """The user whose tasks are asked for; none for everybody's. Admins may look at any."""
    asked = request.args.get("whose", "")
    if people and asked == EVERYBODY:
        return None
    named = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
    return named if named in people else caller_id() or NOBODY


def _due(moment: datetime | None, group: str, zone: ZoneInfo) -> str:
    """When a task of a group is due: "14:30", "Tue 3 Mar, 14:30"; nothing that its group says."""
    if moment is None:
        return ""
    there = moment.astimezone(zone)
    day = "" if group == "today" else f"{there:%a %-d %b}"
    time = "" if is_whole_day(moment, zone) else f"{there:%H:%M}"
    return ", ".join(filter(None, (day, time)))
