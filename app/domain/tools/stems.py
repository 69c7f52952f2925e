"""Stems of English words, light: they cut only what grammar adds to a word, so that "wrinkles",
"wrinkled" and "wrinkly" are one, as are "colour" and "color"."""

import re

SHORTEST = 4
VOWELS = frozenset("aeiouy")
IRREGULAR = {
    "teeth": "tooth",
    "feet": "foot",
    "frozen": "freez",
    "froze": "freez",
    "lost": "lose",
    "losing": "lose",
    "ages": "age",
    "aged": "age",
    "aging": "age",
    "ageing": "age",
    "scared": "scared",
    "scary": "scared",
    "shiny": "shine",
    "shine": "shine",
    "shining": "shine",
    "skinny": "skinny",
    "busy": "busy",
    "plane": "plane",
    "several": "several",
    "cavitation": "cavitation",
}
# A comparative is its adjective; other words in -er are not (filler, laser, number).
COMPARED = """fuller plumper smoother tighter firmer smaller younger clearer brighter softer thicker
darker lighter deeper fresher cleaner older rounder sharper quicker cheaper shorter longer stronger
weaker higher lower harder richer poorer"""
COMPARATIVES = {word: word[:-2] for word in COMPARED.split()} | {
    "bigger": "big",
    "thinner": "thin",
    "slimmer": "slim",
    "larger": "large",
    "flatter": "flat",
    "redder": "red",
    "wider": "wide",
    "drier": "dry",
    "looser": "loose",
    "nicer": "nice",
    "hairier": "hair",
    "oilier": "oil",
}
BRITISH = (
    (re.compile("aesthe"), "esthe"),
    (re.compile("haem"), "hem"),
    (re.compile("oedema"), "edema"),
    (re.compile("^moustache"), "mustache"),
    (re.compile("^grey"), "gray"),
    (re.compile(r"(?<=[a-z]{3})our(?=$|ed$|ing$|less$|ation$|i[sz])"), "or"),
    (re.compile(r"(?<=[bt])re$"), "er"),
    (re.compile(r"(?<=[a-z]{2})is(?=(e|ed|ing|er|ation)$)"), "iz"),
    (re.compile(r"(?<=[a-z]{3}[aeiou])ll(?=(ed|ing|er)$)"), "l"),
)
NOUNS = ("ation", "ment", "ion", "ity", "al")
LONGEST_ENDING_LEAVES = 5
SHORT_WITH_E = re.compile("[^aeiou][aeiou][^aeiouwxy]")  # ton(ed), lin(ing)


def stem(word: str) -> str:
    """The stem of a word in small letters without accents; equal for the forms and the British
    and American spellings of one word. Words of other alphabets are their own stems."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    word = COMPARATIVES.get(word, word)
    if len(word) < SHORTEST or not word.isascii():
        return word
    word = _singular(word)
    for british, american in BRITISH:
        word = british.sub(american, word)
    return _cut(word)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _cut(word: str) -> str:
    """Takes one ending off, and what it left behind."""
    if word.endswith("ness") and len(word) > 6:
        return stem(word[:-4])
    for ending in NOUNS:
        if word.endswith(ending) and len(word) - len(ending) >= LONGEST_ENDING_LEAVES:
            return _tidy(word.removesuffix(ending))
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3 and VOWELS & set(rest) and not word.endswith("eed"):
            return rest + "e" if SHORT_WITH_E.fullmatch(rest) else _tidy(_single(rest))
    if word.endswith(("kly", "ply", "bly")):
        return word[:-1]
    if word.endswith("ly") and len(word) >= 7:
        return _tidy(word[:-2])
    if word.endswith("y") and len(word) >= 4:
        return _tidy(_single(word[:-1]))
    return _tidy(word)


def _single(word: str) -> str:
    """Without the consonant that the ending doubled: sagg -> sag."""
    double = len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz"
    return word[:-1] if double else word


def _tidy(word: str) -> str:
    for ending, shortest in (("ate", 8), ("at", 7)):
        if len(word) >= shortest and word.endswith(ending):
            return _tidy(word.removesuffix(ending))
    return word[:-1] if len(word) >= 5 and word[-1] in "ei" else word
