"""What somebody says they do not want: "no injections", "not a peel", "scared of needles"."""

from dataclasses import replace

from app.domain.tools.words import Word


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


CUES = _set("no not without never avoid except neither nor dont wont cant doesnt isnt")
FEARS = _set("hate scared afraid fear phobia allergic terrified dislike")
PAIRS = (("instead", "of"), ("rather", "than"), ("other", "than"), ("apart", "from"))
CHOICE = _set("rather prefer")
# "not sure if botox", "never had filler", "no more shaving": no treatment is refused.
UNDONE = _set(
    """sure know only just idea mind problem bad certain tried had been done heard used yet afraid
    scared hate bothered worried worry happy more longer matter wonder understand but mean care even
    why"""
)
# Between the cue and what it refuses: "don't want to have any".
PASSED = _set(
    """want wanted wanting to any a an the of keen on having have getting interested in be fan into
    do take my using use going through get like"""
)
# Here a new thought begins.
ENDS = _set(
    """but just only because so although though yet since instead need needs like would could prefer
    something anything please thanks if while until when which that who has have had is are am for
    with get getting give help makes make i im ive"""
)
# "I have heard of peels but don't want one": what stands before the cue.
PRONOUNS = _set("one them those either it that this")
REACH = 5
BACK = 6


def with_refusals(words: list[Word]) -> list[Word]:
    """The words, the refused ones marked."""
    refused: set[int] = set()
    for place in range(len(words)):
        begins = _after_cue(words, place)
        if begins is not None and begins < len(words):
            refused |= _refused_from(words, begins)
    marked = (replace(words[place], refused=True) for place in refused)
    by_place = dict(zip(refused, marked, strict=True))
    return [by_place.get(place, word) for place, word in enumerate(words)]


def _after_cue(words: list[Word], place: int) -> int | None:
    """Where that begins which a cue at this place refuses; None when there is no cue."""
    cue = words[place].flat
    following = words[place + 1].flat if place + 1 < len(words) else ""
    before = {word.flat for word in words[max(place - BACK, 0) : place]}
    if (cue, following) in PAIRS:
        return place + 2
    if cue == "than" and before & CHOICE:
        return place + 1
    if cue in FEARS and not {w.flat for w in words[max(place - 2, 0) : place]} & CUES:
        return place + 1
    if cue in CUES and following not in UNDONE:
        return place + 1
    return None


def _refused_from(words: list[Word], begins: int) -> set[int]:
    """The places of the next few words, to the end of their clause or of the thought."""
    clause = words[begins - 1].clause
    reached: set[int] = set()
    for place in range(begins, len(words)):
        word = words[place]
        if not reached and word.clause == clause and word.flat in PASSED:
            continue
        is_over = word.clause != clause or len(reached) >= REACH or word.flat in ENDS
        if is_over or (not reached and word.flat in UNDONE):
            break
        reached.add(place)
        if len(reached) == 1 and word.flat in PRONOUNS:
            reached |= set(range(max(begins - BACK - 1, 0), begins - 1))
            break
    return reached
