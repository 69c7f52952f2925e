"""Note on leads when they were last heard from."""

from collections.abc import Sequence

from app.models import Lead
from app.queries.scoring.lead_facts import last_signs_of_life


def note_signs_of_life(leads: Sequence[Lead]) -> None:
    """Sets when each of these leads last did something, where that is later than was known."""
    last = last_signs_of_life([lead.id for lead in leads])
    for lead in leads:
        if alive := last.get(lead.id):
            lead.last_engaged_at = max(lead.last_engaged_at or alive, alive)
