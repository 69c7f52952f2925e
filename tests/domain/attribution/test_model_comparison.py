"""Where attribution models disagree most."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.attribution.model_comparison import LEAST_GAP, MOST, disagreements

shares = st.dictionaries(
    st.sampled_from(["ads", "email", "phone", "direct", "social"]),
    st.dictionaries(
        st.sampled_from(["first", "linear", "last"]),
        st.integers(0, 100).map(Decimal),
        max_size=3,
    ),
)


def test_the_widest_gap_comes_first_with_who_says_what():
    [one, other] = disagreements(
        {
            "email": {"first": Decimal(12), "linear": Decimal(20), "last": Decimal(40)},
            "ads": {"first": Decimal(60), "linear": Decimal(30), "last": Decimal(10)},
            "phone": {"first": Decimal(28), "linear": Decimal(30), "last": Decimal(37)},
        }
    )
    assert (one.name, one.most_by, one.high, one.least_by, one.low) == (
        "ads",
        "first",
        60,
        "last",
        10,
    )
    assert (other.name, other.most_by, other.gap) == ("email", "last", 28)


@given(shares)
def test_only_wide_gaps_are_told_and_the_widest_are_never_left_out(told):
    found = disagreements(told)
    gaps = sorted((max(m.values()) - min(m.values()) for m in told.values() if m), reverse=True)
    assert [one.gap for one in found] == [gap for gap in gaps if gap >= LEAST_GAP][:MOST]
    for one in found:
        assert told[one.name][one.most_by] == one.high
        assert told[one.name][one.least_by] == one.low
