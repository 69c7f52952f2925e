"""What somebody types is understood as words and phone numbers, whatever its spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.leads.finding import MOST_WORDS, folded, words_of


@pytest.mark.parametrize(
    ("spelt", "same"),
    [
        ("Élodie", "ELODIE"),
        ("E\N{COMBINING ACUTE ACCENT}lodie", "élodie"),
        ("Groß", "GROSS"),
        ("GROẞ", "gross"),
        ("İstanbul Yılmaz", "istanbul yilmaz"),
        ("Øberg Łukasz Đorđe", "oberg lukasz dorde"),
        ("Æbelø", "aebelo"),
        ("ΆΝΝΑΣ", "αννας"),
        ("ЙОСИФ", "иосиф"),
        ("O’Connor", "O'CONNOR"),
        ("Jean‑Luc", "jean-luc"),
        ("ＦＵＬＬ", "full"),
        ("👩\N{ZERO WIDTH JOINER}🔬 Meyer 😊", "👩🔬 meyer 😊"),
    ],
)
def test_spellings_of_one_name_are_one(spelt, same):
    assert folded(spelt) == folded(same)


@pytest.mark.parametrize(("one", "other"), [("Anna", "Hanna"), ("Noël", "Noelle"), ("王", "玉")])
def test_other_names_stay_others(one, other):
    assert folded(one) != folded(other)


@given(st.text())
def test_what_was_folded_stays_as_it_is(text):
    assert folded(folded(text)) == folded(text)


def digits(query) -> list[tuple[str, ...]]:
    return [word.digits for word in words_of(query)]


@pytest.mark.parametrize(
    "written",
    [
        "0639987674",
        "06 39 98 76 74",
        "06.39.98.76.74",
        "06-39-98/76-74",
        "(06) 39 98 76 74",
        "(0)639987674",
        "06 39 - 98 76 74",
        "+33 6 39 98 76 74",
        "+33 (0)6 39 98 76 74",
        "+33(0)639987674",
        "+33 06 39 98 76 74",
        "0033 6 39 98 76 74",
        "0033 (0) 6 39 98 76 74",
        "(+33) 6 39 98 76 74",
        "33 (0)6 39 98 76 74",
        "tel:+33639987674",
        "\N{LEFT-TO-RIGHT EMBEDDING}+33\N{NO-BREAK SPACE}6\N{NARROW NO-BREAK SPACE}39 98 76 74\n",
        "＋３３ ６ ３９ ９８ ７６ ７４",
        "39 98 76",
    ],
)
def test_a_number_is_one_however_it_is_written(written):
    [found] = digits(written)
    assert any(each in "+33639987674" for each in found)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("020 7946 0958", "+442079460958"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("+39 06 1234 5678", "+390612345678"),
        ("06 1234 5678", "+390612345678"),
        ("(202) 555-0123", "+12025550123"),
    ],
)
def test_numbers_of_other_countries_too(written, stored):
    [found] = digits(written)
    assert any(each in stored for each in found)


def test_words_and_numbers_stand_beside_each_other():
    found = words_of("Fatou 06 39 98 76 74 +33 6 11 22 33 44 Lambert")
    assert [word.text for word in found] == ["fatou", "0639987674", "+33611223344", "lambert"]


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("rue 12 34", ["rue", "12", "34"]),
        ("anna.123456@x.de 78", ["anna.123456@x.de", "78"]),
        ("() + -", ["()", "+", "-"]),
        ("%_\\", ["%_\\"]),
        ("a\0b\x07", ["ab"]),
        ("\ud800", []),
        ("\N{COMBINING ACUTE ACCENT} \N{ZERO WIDTH SPACE}", []),
        ("", []),
        (" ".join("abcdefghijkl"), list("abcdefgh")),
    ],
)
def test_few_digits_and_odd_signs_are_words(typed, texts):
    assert [word.text for word in words_of(typed)] == texts


@given(st.text())
def test_any_text_gives_few_words_with_something_in_them(typed):
    found = words_of(typed)
    assert len(found) <= MOST_WORDS
    assert all(word.text and "\0" not in word.text for word in found)


@given(st.text("0123456789+()-./ "))
def test_the_parts_of_a_number_hold_no_more_than_was_typed(typed):
    for word in words_of(typed):
        assert len(word.parts) <= MOST_WORDS
        assert all(each.isdigit() and len(each) >= 3 for each in word.digits)
