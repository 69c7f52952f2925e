"""Sound -> words, each with how sure it is, and how far they fit better than anything else said."""

import math
import re
from collections import OrderedDict

import numpy as np

from app.clients.speech_work import model
from app.domain.tools.vocabulary import Vocabulary

# PocketSphinx keeps its scores in steps of its log base, divided by this.
SHIFT = 1024
MOST_KEPT = 2
VARIANT = re.compile(r"\(\d+\)$")

# the searches for the organizations whose visitors spoke last, by their vocabularies' fingerprints
_kept: OrderedDict[str, None] = OrderedDict()


def prepare(vocabulary: Vocabulary) -> str:
    """The name of the search for a vocabulary; made when it is first asked for, which takes
    seconds."""
    name = vocabulary.fingerprint
    if name not in _kept:
        model.add(name, vocabulary)
    _kept[name] = None
    _kept.move_to_end(name)
    if len(_kept) > MOST_KEPT:
        model.decoder().activate_search(name)
        model.decoder().remove_search(_kept.popitem(last=False)[0])
    return name


def recognize(samples: np.ndarray, vocabulary: Vocabulary) -> dict:
    """{"words": [[word, how sure from 0 to 1], ...], "margin": by how much, in nats a frame, the
    sound is likelier as these words than as any English}."""
    score, words = _heard(prepare(vocabulary), samples)
    if not words:
        return {"words": [], "margin": 0.0}
    other, _ = _heard(model.GENERAL, samples)
    return {"words": words, "margin": (score - other) / model.decoder().n_frames()}


def _heard(search: str, samples: np.ndarray) -> tuple[float, list[list]]:
    """The log-likelihood of the best words, and the words."""
    decoder = model.decoder()
    decoder.activate_search(search)
    decoder.start_utt()
    decoder.process_raw(samples.tobytes(), full_utt=True)
    decoder.end_utt()
    best = decoder.hyp()
    if best is None or best.score <= 0:
        return 0.0, []
    words = [
        [VARIANT.sub("", part.word), round(min(part.prob, 1.0), 3)]
        for part in decoder.seg()
        if part.word[0] not in "<[+"
    ]
    return math.log(best.score) * SHIFT, words
