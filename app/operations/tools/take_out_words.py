"""Take out of a recommendation what somebody wrote about themselves."""

from app.models import Interaction

TYPE = "ai_recommendation"
KEPT = ("treatment", "score")


def take_out_words(use: Interaction) -> None:
    """Leaves what counts and scores are made of: which treatments fitted, how well, and the
    answers that were chosen from a list."""
    data = use.data or {}
    without = {name: value for name, value in data.items() if name not in ("text", "concerns")}
    if "matches" in without:
        without["matches"] = [
            {name: match[name] for name in KEPT if name in match} for match in data["matches"]
        ]
    use.data = without
