import pytest

from app.domain.leads.segment import segment


@pytest.mark.parametrize(
    ("score", "engagement", "name"),
    [
        (80, 70, "Champion"),
        (79, 70, "Promising"),
        (80, 69, "Promising"),
        (60, 50, "Promising"),
        (70, 29, "Qualified Unengaged"),
        (70, 30, "Standard"),
        (39, 29, "Cold"),
        (40, 29, "Standard"),
        (39, 30, "Standard"),
        (100, 0, "Qualified Unengaged"),
    ],
)
def test_the_first_segment_that_fits(score, engagement, name):
    assert segment(score, engagement) == name
