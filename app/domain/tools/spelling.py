"""Words as they are written, for those that were heard."""

import re
from collections.abc import Sequence

from app.domain.tools.recording import Heard
from app.domain.tools.vocabulary import Vocabulary, words_of

WRITTEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
CAPITAL_INSIDE = re.compile(r".+[A-Z]")
MYSELF = {"i": "I", "i'm": "I'm", "i've": "I've", "i'll": "I'll", "i'd": "I'd"}


def spelled(words: Sequence[Heard], vocabulary: Vocabulary) -> tuple[Heard, ...]:
    """The words with the capitals that the organization gives them: HydraFacial, IPL."""
    known = MYSELF | _with_capitals(vocabulary)
    written = [Heard(known.get(heard.word, heard.word), heard.sure) for heard in words]
    if written:
        first = written[0]
        written[0] = Heard(first.word[:1].upper() + first.word[1:], first.sure)
    return tuple(written)


def _with_capitals(vocabulary: Vocabulary) -> dict[str, str]:
    texts = (*vocabulary.treatments, *vocabulary.concerns, *vocabulary.areas, *vocabulary.texts)
    found = {}
    for text in texts:
        for written in WRITTEN.findall(text):
            if CAPITAL_INSIDE.match(written) and (spoken := words_of(written)):
                found.setdefault(spoken[0], written)
    return found
