"""Who visits the demo clinic: made-up people, their devices, and the ways they come."""

from typing import NamedTuple

_FIRST = """
Camille Léa Manon Chloé Inès Sarah Julie Amélie Nathalie Sandrine Zoé Élodie Margaux Anaïs Fatou
Aïcha Linh Sofia Beatriz Giulia Ingrid Zuzanna Thomas Hugo Julien Mehdi Karim Antoine Łukasz Diego
Nikolai Émile Oscar Björn
"""
_LAST = """
Martin Bernard Dubois Petit Moreau Laurent Garcia Lefèvre Roux Fournier Girard Bonnet Lambert
Rousseau Vincent Faure Mercier Blanc Chevalier Nguyen Diallo Benali Haddad Rossi Costa Müller Novák
Kowalska D'Angelo Øberg Sørensen O'Connor Yılmaz Çelik
"""
FIRST_NAMES = tuple(_FIRST.split())
LAST_NAMES = tuple(_LAST.split())
CITIES = ("Paris", "Paris", "Paris", "Lyon", "Lyon", "Nice", "Versailles", "Annecy", "Monaco")
NOTES = (
    "I have a wedding in six weeks.",
    "Please call after 18:00.",
    "First time, I would like to understand the risks.",
    "Ich spreche auch Deutsch. 😊",
    "I had a treatment elsewhere two years ago.",
)
QUERIES = (
    ("wrinkles", 2),
    ("lips", 1),
    ("acne scars", 2),
    ("laser price", 3),
    ("dark circles", 0),
    ("hair removal", 1),
    ("tattoo removal", 0),
)
CLICKS = ("See prices", "Before you come", "Questions to ask", "Show on the map", "Opening hours")
IMPORTANT = ("Book a consultation", "Get your estimate")

# (weight, user agent, language)
DEVICES = (
    (
        34,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
        "like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
        "fr-FR",
    ),
    (
        24,
        "Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/138.0.0.0 Mobile Safari/537.36",
        "fr-FR",
    ),
    (
        6,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
        "Gecko) Mobile/15E148 Instagram 390.0.0.28.85",
        "fr-FR",
    ),
    (
        18,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/138.0.0.0 Safari/537.36",
        "fr-FR",
    ),
    (
        9,
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/18.5 Safari/605.1.15",
        "en-GB",
    ),
    (
        4,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "de-DE",
    ),
    (
        5,
        "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/18.5 Mobile/15E148 Safari/604.1",
        "it-IT",
    ),
)


class Way(NamedTuple):
    """A way to come: how often, with what address and referrer, and how ready people then are."""

    weight: int
    query: str
    referrer: str
    lands_on: str  # home, treatment or tool
    warmth: float  # multiplies how likely they go on


WAYS = (
    Way(30, "", "https://www.google.com/", "treatment", 1.0),
    Way(17, "", "", "home", 1.1),
    Way(
        14,
        "utm_source=google&utm_medium=cpc&utm_campaign=laser-spring&gclid=EAIaIQ",
        "https://www.google.com/",
        "treatment",
        1.25,
    ),
    Way(11, "", "https://l.instagram.com/", "home", 0.7),
    Way(
        8,
        "utm_source=instagram&utm_medium=paid_social&utm_campaign=glow-reels",
        "https://l.instagram.com/",
        "treatment",
        0.6,
    ),
    Way(7, "utm_source=newsletter&utm_medium=email&utm_campaign=march-letter", "", "tool", 1.7),
    Way(5, "", "https://www.bing.com/", "treatment", 1.0),
    Way(5, "", "https://www.beauty-forum.example/threads/what-does-it-cost", "tool", 1.5),
    Way(
        3,
        "utm_source=partner&utm_medium=referral&utm_campaign=dermatologists",
        "https://derma.example/",
        "home",
        1.9,
    ),
)
RETURNS = (
    Way(6, "", "", "treatment", 1.4),
    Way(3, "", "https://www.google.com/", "home", 1.3),
    Way(2, "utm_source=newsletter&utm_medium=email&utm_campaign=march-letter", "", "tool", 1.8),
)

# How many come in each hour of the local day, and on each weekday from Monday.
HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 11, 11, 13, 12, 10, 10, 10, 11, 13, 15, 18, 19, 14, 7)
WEEKDAYS = (11, 10.5, 10, 10, 9, 7.5, 10)

MEETING = "meeting_scheduled"
NO_ANSWER = "call_unanswered"
WON = ((4, "opportunity: wants an offer in writing"), (6, "purchase_made"))
# What becomes of a lead: (weight, its steps); a step is (days later, what happens).
STORIES = (
    (17, ()),
    (16, ((0.1, NO_ANSWER), (1.1, "call_made"), (2, "email_sent"))),
    (12, ((0.2, "email_sent"), (0.4, "email_opened"), (3, NO_ANSWER), (9, "lost: no answer"))),
    (12, ((0.1, "call_made"), (0.2, "email_sent"), (0.9, "email_opened"), (1.1, "email_clicked"))),
    (11, ((0.2, "email_sent"), (0.5, "email_opened"), (1, "email_replied"), (3, MEETING))),
    (6, ((0.1, "call_made"), (1, "qualified: budget and wish fit"), (4, "lost: chose another"))),
    (8, ((0.1, "call_made"), (1, MEETING), (4, "opportunity: agreed with the quote"))),
    (21, ((0.4, "email_sent"), (0.8, "email_replied"), (1.5, MEETING), *WON)),
)
