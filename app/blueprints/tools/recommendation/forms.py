"""What somebody wrote about themselves, as it was sent, and what is wrong with it."""

from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from app.domain.tools.cost import BUDGETS, URGENCIES
from app.operations.contact.read_contact import clean_text

LONGEST_TEXT = 1000
MOST_READ = 20_000
NOTHING_SAID = "Write a few words about what you would like to change."
TOO_LONG = "Please say it in {most} characters; these are {given}."
NOT_OFFERED = "Choose one of the answers, or leave this open."


@dataclass
class Wish:
    """The words of the visitor, and what they like to say about money and time. `spoken`: they were
    said, not typed, at least at first."""

    text: str = ""
    budget: str = ""
    urgency: str = ""
    spoken: bool = False
    errors: dict = field(default_factory=dict)

    @property
    def answers(self) -> dict:
        """Budget and urgency as far as they were given."""
        given = {"budget": self.budget, "urgency": self.urgency}
        return {name: value for name, value in given.items() if value}


def read(form: MultiDict) -> Wish:
    """The fields, checked; `errors` by field."""
    text = clean_text(form.get("text", "")[:MOST_READ], keep_lines=True)
    wish = Wish(
        text,
        form.get("budget", "")[:40],
        form.get("urgency", "")[:40],
        spoken=form.get("spoken") == "1",
    )
    if not text:
        wish.errors["text"] = NOTHING_SAID
    elif len(text) > LONGEST_TEXT:
        wish.errors["text"] = TOO_LONG.format(most=f"{LONGEST_TEXT:,}", given=f"{len(text):,}")
    for name, known in (("budget", BUDGETS), ("urgency", URGENCIES)):
        if getattr(wish, name) not in ("", *known):
            wish.errors[name] = NOT_OFFERED
    return wish
