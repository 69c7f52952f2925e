"""How a word sounds that no dictionary lists, in the 39 sounds of the CMU dictionary (ARPAbet).

First come the words of the trade, written down by ear; then words made of known ones (photo-facial,
micro-needling, with endings); then letter by letter, roughly as English reads them.
"""

import re
from collections.abc import Callable

Known = Callable[[str], str | None]

SPOKEN = {
    "antiaging": ("AE N T IY EY JH IH NG",),
    "aquafacial": ("AE K W AH F EY SH AH L",),
    "bbl": ("B IY B IY EH L",),
    "biostimulator": ("B AY OW S T IH M Y AH L EY T ER",),
    "blepharoplasty": ("B L EH F ER OW P L AE S T IY",),
    "botox": ("B OW T AA K S",),
    "botulinum": ("B AA CH AH L AY N AH M", "B AA CH UW L IH N AH M", "B OW T Y UW L IH N AH M"),
    "bruxism": ("B R AH K S IH Z AH M",),
    "cellulite": ("S EH L Y AH L AY T", "S EH L Y UW L AY T", "S EH L Y AH L IY T"),
    "chloasma": ("K L OW AE Z M AH",),
    "coolsculpting": ("K UW L S K AH L P T IH NG",),
    "couperose": ("K UW P ER OW Z", "K UW P R OW Z"),
    "cryolipolysis": (
        "K R AY OW L IH P AA L AH S IH S",
        "K R AY OW L AY P AA L AH S IH S",
        "K R AY OW L IH P OW L AY S IH S",
    ),
    "cryotherapy": ("K R AY OW TH EH R AH P IY",),
    "decollete": ("D EY K AA L T EY", "D EY K AA L AH T EY", "D EH K AH L EH T"),
    "depilation": ("D EH P AH L EY SH AH N",),
    "dermabrasion": ("D ER M AH B R EY ZH AH N",),
    "dermaplaning": ("D ER M AH P L EY N IH NG",),
    "dermapen": ("D ER M AH P EH N",),
    "dermaroller": ("D ER M AH R OW L ER",),
    "dysport": ("D IH S P AO R T", "D AY S P AO R T"),
    "epilation": ("EH P AH L EY SH AH N", "IY P AH L EY SH AH N"),
    "exosomes": ("EH K S AH S OW M Z",),
    "fraxel": ("F R AE K S AH L",),
    "gynecomastia": ("G AY N AH K OW M AE S T IY AH",),
    "hifu": ("HH AY F UW",),
    "hirsutism": ("HH ER S UW T IH Z AH M",),
    "hyaluronic": (
        "HH AY AH L UH R AA N IH K",
        "HH AY AH L Y UH R AA N IH K",
        "HH AY L UH R AA N IH K",
    ),
    "hyaluronidase": ("HH AY AH L UH R AA N IH D EY S",),
    "hydrafacial": ("HH AY D R AH F EY SH AH L",),
    "hydradermabrasion": ("HH AY D R AH D ER M AH B R EY ZH AH N",),
    "hyperhidrosis": ("HH AY P ER HH AY D R OW S IH S",),
    "hyperpigmentation": ("HH AY P ER P IH G M AH N T EY SH AH N",),
    "injectables": ("IH N JH EH K T AH B AH L Z",),
    "ipl": ("AY P IY EH L",),
    "juvederm": ("JH UW V AH D ER M", "Y UW V AH D ER M"),
    "keratosis": ("K EH R AH T OW S IH S",),
    "kybella": ("K AY B EH L AH",),
    "led": ("EH L IY D IY", "L EH D"),
    "lipofilling": ("L AY P OW F IH L IH NG", "L IH P OW F IH L IH NG"),
    "lipolysis": ("L AY P AA L AH S IH S", "L IH P AA L AH S IH S"),
    "masseter": ("M AE S IY T ER", "M AE S AH T ER"),
    "melasma": ("M AH L AE Z M AH", "M EH L AE Z M AH", "M IH L AA Z M AH"),
    "mesotherapy": ("M EH Z OW TH EH R AH P IY", "M IY Z OW TH EH R AH P IY"),
    "microblading": ("M AY K R OW B L EY D IH NG",),
    "microdermabrasion": ("M AY K R OW D ER M AH B R EY ZH AH N",),
    "microneedling": ("M AY K R OW N IY D L IH NG", "M AY K R OW N IY D AH L IH NG"),
    "nasolabial": ("N EY Z OW L EY B IY AH L",),
    "needling": ("N IY D L IH NG", "N IY D AH L IH NG"),
    "niacinamide": ("N AY AH S IH N AH M AY D",),
    "photofacial": ("F OW T OW F EY SH AH L",),
    "photorejuvenation": ("F OW T OW R IH JH UW V AH N EY SH AH N",),
    "pigmentation": ("P IH G M AH N T EY SH AH N",),
    "polynucleotides": ("P AA L IY N UW K L IY AH T AY D Z",),
    "profhilo": ("P R OW F AY L OW", "P R AA F IH L OW"),
    "prp": ("P IY AA R P IY",),
    "radiesse": ("R EY D IY EH S",),
    "radiofrequency": ("R EY D IY OW F R IY K W AH N S IY",),
    "restylane": ("R EH S T AH L EY N", "R EH S T IH L EY N"),
    "retinol": ("R EH T AH N AO L", "R EH T IH N AA L"),
    "rhinophyma": ("R AY N OW F AY M AH",),
    "rhytides": ("R IH T IH D IY Z",),
    "rosacea": ("R OW Z EY SH AH", "R OW Z EY SH IY AH", "R OW Z EY S IY AH"),
    "salicylic": ("S AE L AH S IH L IH K", "S AH L IH S IH L IH K", "S AE L IH S AY L IH K"),
    "sculptra": ("S K AH L P T R AH",),
    "seborrhoea": ("S EH B ER IY AH",),
    "sebum": ("S IY B AH M",),
    "tca": ("T IY S IY EY",),
    "telangiectasia": ("T AH L AE N JH IY EH K T EY ZH AH",),
    "thermage": ("TH ER M AA ZH",),
    "ulthera": ("AH L TH EH R AH",),
    "ultherapy": ("AH L TH EH R AH P IY",),
    "underarms": ("AH N D ER AA R M Z",),
    "vitiligo": ("V IH T AH L AY G OW", "V IH T IH L IY G OW"),
    "xeomin": ("Z IY OW M IH N",),
}
LETTERS = {
    "a": "EY",
    "b": "B IY",
    "c": "S IY",
    "d": "D IY",
    "e": "IY",
    "f": "EH F",
    "g": "JH IY",
    "h": "EY CH",
    "i": "AY",
    "j": "JH EY",
    "k": "K EY",
    "l": "EH L",
    "m": "EH M",
    "n": "EH N",
    "o": "OW",
    "p": "P IY",
    "q": "K Y UW",
    "r": "AA R",
    "s": "EH S",
    "t": "T IY",
    "u": "Y UW",
    "v": "V IY",
    "w": "D AH B AH L Y UW",
    "x": "EH K S",
    "y": "W AY",
    "z": "Z IY",
}
ENDINGS = {"s": "Z", "es": "AH Z", "ed": "D", "ing": "IH NG", "er": "ER", "'s": "Z", "ly": "L IY"}
VOICELESS = ("P", "T", "K", "F", "TH")
HISSING = ("S", "Z", "SH", "ZH", "CH", "JH")
# A linking vowel between two halves of a word: hydr-a-facial, phot-o-facial.
HALVES = {"photo": "F OW T OW", "micro": "M AY K R OW", "hydra": "HH AY D R AH"}
HALVES |= {"hydro": "HH AY D R OW", "derma": "D ER M AH", "dermo": "D ER M OW"}
HALVES |= {"cryo": "K R AY OW", "lipo": "L AY P OW", "bio": "B AY OW", "nano": "N AE N OW"}
HALVES |= {"endo": "EH N D OW", "neuro": "N UH R OW", "ultra": "AH L T R AH", "meso": "M EH Z OW"}
HALVES |= {"thermo": "TH ER M OW", "hyper": "HH AY P ER", "sono": "S OW N OW", "aqua": "AE K W AH"}
SHORTEST_HALF = 4
# The first that fits, from left to right: letters -> sounds. `^` and `$` are the word's ends, and
# what stands in (?=...) and (?<=...) is only looked at.
READING = tuple(
    (re.compile(letters), sounds)
    for letters, sounds in (
        (r"^x", "Z"),
        (r"^(?:kn|gn|pn)", "N"),
        (r"^ps", "S"),
        (r"^wr", "R"),
        (r"^rh", "R"),
        (r"tion", "SH AH N"),
        (r"ssion", "SH AH N"),
        (r"sion", "ZH AH N"),
        (r"cial", "SH AH L"),
        (r"tial", "SH AH L"),
        (r"cious|tious", "SH AH S"),
        (r"ture", "CH ER"),
        (r"ology", "AA L AH JH IY"),
        (r"ique$", "IY K"),
        (r"(?<=[bcdfghklmnpqrstvwxz])le$", "AH L"),
        (r"ous$", "AH S"),
        (r"able$", "AH B AH L"),
        (r"ing$", "IH NG"),
        (r"age$", "IH JH"),
        (r"ism$", "IH Z AH M"),
        (r"sch", "SH"),
        (r"tch", "CH"),
        (r"dge", "JH"),
        (r"igh", "AY"),
        (r"eigh", "EY"),
        (r"eau", "OW"),
        (r"oe(?=$)", "OW"),
        (r"ph", "F"),
        (r"sh", "SH"),
        (r"ch(?=[lr])", "K"),
        (r"ch", "CH"),
        (r"th", "TH"),
        (r"wh", "W"),
        (r"gh", ""),
        (r"ck", "K"),
        (r"qu", "K W"),
        (r"ng$", "NG"),
        (r"nk", "NG K"),
        (r"sc(?=[eiy])", "S"),
        (r"x", "K S"),
        (r"bb|b", "B"),
        (r"cc(?=[eiy])", "K S"),
        (r"cc", "K"),
        (r"c(?=[eiy])", "S"),
        (r"c", "K"),
        (r"dd|d", "D"),
        (r"ff|f", "F"),
        (r"gg", "G"),
        (r"g(?=[eiy])", "JH"),
        (r"g", "G"),
        (r"h", "HH"),
        (r"j", "JH"),
        (r"kk|k", "K"),
        (r"ll|l", "L"),
        (r"mm|m", "M"),
        (r"nn|n", "N"),
        (r"pp|p", "P"),
        (r"q", "K"),
        (r"rr|r", "R"),
        (r"ss", "S"),
        (r"(?<=[aeiou])s(?=[aeiou])", "Z"),
        (r"s", "S"),
        (r"tt|t", "T"),
        (r"vv|v", "V"),
        (r"w", "W"),
        (r"zz|z", "Z"),
        (r"^y", "Y"),
        (r"y$", "IY"),
        (r"y", "IH"),
        (r"air|are$", "EH R"),
        (r"ar", "AA R"),
        (r"ear|eer", "IH R"),
        (r"er|ir|ur", "ER"),
        (r"oar|oor|or", "AO R"),
        (r"ai|ay|ei|ey", "EY"),
        (r"au|aw", "AO"),
        (r"ee|ea|ie", "IY"),
        (r"eu|ew|ue$", "UW"),
        (r"oa|ow", "OW"),
        (r"oi|oy", "OY"),
        (r"oo|ui", "UW"),
        (r"ou", "AW"),
        (r"a(?=[bcdfgklmnprstvz]e$)", "EY"),
        (r"e(?=[bcdfgklmnprstvz]e$)", "IY"),
        (r"i(?=[bcdfgklmnprstvz]e$)", "AY"),
        (r"o(?=[bcdfgklmnprstvz]e$)", "OW"),
        (r"u(?=[bcdfgklmnprstvz]e$)", "UW"),
        (r"(?<=.)e$", ""),
        (r"(?<=..)a$", "AH"),
        (r"o$", "OW"),
        (r"i$", "IY"),
        (r"u$", "UW"),
        (r"a", "AE"),
        (r"e", "EH"),
        (r"i", "IH"),
        (r"o", "AA"),
        (r"u", "AH"),
    )
)


def pronunciations(word: str, known: Known) -> tuple[str, ...]:
    """The ways a word (a-z and apostrophes) may sound, the likeliest first. `known` is a
    dictionary: a word's sounds, or None."""
    written = word.replace("'", "")
    if word in SPOKEN:
        return tuple(dict.fromkeys((*SPOKEN[word], by_letters(written))))
    if listed := known(word):
        return (listed,)
    if not re.search(r"[aeiouy]", written):
        return (" ".join(LETTERS[letter] for letter in written),)
    made = _with_ending(word, known) or _of_halves(word, known)
    # A word made of others is also read as if it were not: that is how strangers read it.
    return tuple(dict.fromkeys(filter(None, (made, by_letters(written)))))


def by_letters(word: str) -> str:
    """A word read letter by letter."""
    sounds, at = [], 0
    while at < len(word):
        for letters, spoken in READING:
            if found := letters.match(word, at):
                sounds += spoken.split()
                at = found.end()
                break
        else:
            at += 1
    return " ".join(sounds)


def _sounds(word: str, known: Known) -> str | None:
    if word in SPOKEN:
        return SPOKEN[word][0]
    return HALVES.get(word) or known(word)


def _with_ending(word: str, known: Known) -> str | None:
    for ending, sounds in ENDINGS.items():
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < 3:
            continue
        for root in (stem, f"{stem}e"):
            if said := _sounds(root, known):
                return f"{said} {_ending(ending, sounds, said.split()[-1])}"
    return None


def _ending(ending: str, sounds: str, last: str) -> str:
    if ending in ("s", "'s"):
        return "AH Z" if last in HISSING else "S" if last in VOICELESS else "Z"
    if ending == "ed":
        return "AH D" if last in ("T", "D") else "T" if last in (*VOICELESS, *HISSING) else "D"
    return sounds


def _of_halves(word: str, known: Known) -> str | None:
    """The two most even parts that are words themselves."""
    middle = len(word) / 2
    for at in sorted(range(3, len(word) - 2), key=lambda at: abs(at - middle)):
        first, second = word[:at], word[at:]
        if first not in HALVES and len(first) < SHORTEST_HALF:
            continue
        if len(second) < SHORTEST_HALF:
            continue
        one = _sounds(first, known)
        two = _sounds(second, known) or _with_ending(second, known)
        if one and two:
            return " ".join(_once(one.split(), two.split()))
    return None


def _once(one: list[str], two: list[str]) -> list[str]:
    """Both parts, a sound that ends one and begins the other said once."""
    joined = [*one, *two]
    return [sound for at, sound in enumerate(joined) if at != len(one) or joined[at - 1] != sound]
