"""An address that was probably meant otherwise is asked about; a fine one never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.contact.typo import COMMON, REAL, meant_address


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ana@gmial.com", "ana@gmail.com"),
        ("ana@gmail.con", "ana@gmail.com"),
        ("ana@gmail.co", "ana@gmail.com"),
        ("ana@gmaill.com", "ana@gmail.com"),
        ("Ana.B+x@GMIAL.com", "Ana.B+x@gmail.com"),
        ("ana@hotnail.com", "ana@hotmail.com"),
        ("ana@outlok.fr", "ana@outlook.fr"),
        ("ana@yaho.com", "ana@yahoo.com"),
        ("ana@icluod.com", "ana@icloud.com"),
    ],
)
def test_one_slip_is_seen(typed, meant):
    assert meant_address(typed) == meant


@pytest.mark.parametrize(
    "address",
    [
        "ana@ymail.com",
        "ana@example.com",
        "ana@gmal.co",
        "ana@gmx.de",
        "ana@mail.ru",
        "ana@bmail.fr",
    ],
)
def test_what_may_well_be_meant_is_left_alone(address):
    assert meant_address(address) is None


@given(st.sampled_from([*COMMON, *sorted(REAL)]), st.sampled_from(["a", "b+c", "é"]))
def test_a_common_domain_is_never_doubted(domain, local):
    assert meant_address(f"{local}@{domain}") is None


@given(st.sampled_from(COMMON), st.integers(0, 30), st.sampled_from("abcxyz-1."))
def test_every_letter_added_is_seen(domain, place, letter):
    place %= len(domain)
    typed = domain[:place] + letter + domain[place:]
    if typed not in COMMON and typed not in REAL:
        assert meant_address(f"a@{typed}") in {f"a@{one}" for one in COMMON}
