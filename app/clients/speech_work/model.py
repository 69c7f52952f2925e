"""The recognizer's data: the package's acoustic model, and a language model made of a vocabulary.

The process may not write files, so what PocketSphinx wants as a file it reads from a pipe.
"""

import math
import re
import subprocess
import sys
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pocketsphinx

from app.domain.tools.language_model import END, START, Everyday, arpa
from app.domain.tools.pronunciation import pronunciations
from app.domain.tools.vocabulary import Vocabulary, sentences

MODEL = Path(pocketsphinx.__file__).parent / "model" / "en-us"
ACOUSTIC = str(MODEL / "en-us")
DICTIONARY = str(MODEL / "cmudict-en-us.dict")
GENERAL_MODEL = str(MODEL / "en-us.lm.bin")
GENERAL = "general"
WORD = re.compile(r"[a-z']+")
# How many of the commonest words may stand between the organization's own.
COMMON = 700
# A pair of words is kept when it is at least so likely anywhere, and so much likelier than chance.
LEAST_PAIR = 1e-6
LEAST_GAIN = 1.5
LOG_BASE = 1.0001


@cache
def decoder() -> pocketsphinx.Decoder:
    """This process's one recognizer; its search named GENERAL knows whatever English is said."""
    made = pocketsphinx.Decoder(
        hmm=ACOUSTIC, dict=DICTIONARY, lm=None, cmn="batch", loglevel="FATAL"
    )
    made.add_lm_file(GENERAL, GENERAL_MODEL)
    return made


def add(name: str, vocabulary: Vocabulary):
    """Adds a search, by this name, for what is likely to be said to an organization."""
    told = list(sentences(vocabulary))
    own = frozenset(word for words, _ in told for word in words)
    for word in sorted(own - _dictionary().keys()):
        for at, sounds in enumerate(pronunciations(word, _listed)):
            _add_word(f"{word}({at + 1})" if at else word, sounds)
    # PocketSphinx looks for another format first, and a buffer is lost; empty lines it passes over.
    with _piped("\n" * 65_536 + arpa(told, everyday(own))) as path:
        decoder().add_lm_file(name, path)


def _listed(word: str) -> str | None:
    return _dictionary().get(word)


def _add_word(word: str, sounds: str):
    if decoder().lookup_word(word) is None:
        decoder().add_word(word, sounds, False)


def everyday(own: frozenset[str]) -> Everyday:
    """Everyday language between the commonest words and these, from the package's general model."""
    likely = _general_words()
    chosen = [*sorted(likely, key=likely.get, reverse=True)[:COMMON], *sorted(own & likely.keys())]
    words = {word: likely[word] for word in chosen}
    ask = _asking()
    words[END] = ask([END])
    pairs = {}
    for before in (*words.keys() - {END}, START):
        seen = likely.get(before, 0.05)
        for word, alone in words.items():
            after = ask([word, before])
            if after * seen > LEAST_PAIR and after > LEAST_GAIN * alone:
                pairs[before, word] = after
    return Everyday(words, pairs)


@cache
def _asking():
    """ask([word, the one before]) -> its probability in the general model."""
    model = pocketsphinx.NGramModel(
        pocketsphinx.Config(), pocketsphinx.LogMath(base=LOG_BASE), GENERAL_MODEL
    )
    step = math.log(LOG_BASE)
    return lambda words: math.exp(model.prob(words) * step)


@cache
def _general_words() -> dict[str, float]:
    ask = _asking()
    asked = ((word, ask([word])) for word in _dictionary() if WORD.fullmatch(word))
    return {word: likely for word, likely in asked if likely > 1e-12}


@cache
def _dictionary() -> dict[str, str]:
    """Each word of the package's dictionary with its sounds."""
    with open(DICTIONARY, encoding="utf-8") as lines:
        parts = (line.split(None, 1) for line in lines)
        return {word: sounds.strip() for word, sounds in parts if "(" not in word}


@contextmanager
def _piped(text: str):
    """A name under which the text can be read. Another process pours it in: while the recognizer
    reads, this one stands still."""
    hold = "import sys; text = sys.stdin.buffer.read(); sys.stdout.buffer.write(text)"
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as pouring:
        pouring.stdin.write(text.encode())
        pouring.stdin.close()
        yield f"/dev/fd/{pouring.stdout.fileno()}"
