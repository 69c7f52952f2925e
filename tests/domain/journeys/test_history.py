"""What leads' ways along the path teach."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.journeys.history import DAY_MILLIS, Case, came, case, chances, usual_stays
from app.domain.leads.lifecycle import PATH, STAGES

WITHIN = 14 * DAY_MILLIS
ways = st.lists(st.tuples(st.integers(0, 10**11), st.sampled_from(STAGES)), min_size=1).map(sorted)


def days(*stays):
    return [(int(day * DAY_MILLIS), stage) for day, stage in stays]


def followed(way, day):
    return case(way, int(day * DAY_MILLIS), WITHIN)


def test_an_act_that_is_followed_by_a_further_stage_in_time_moved_the_lead_on():
    way = days((0, "new"), (10, "contacted"), (20, "lost"))
    assert followed(way, 2) == Case("new", True)
    assert followed(days((0, "new"), (20, "contacted")), 2) == Case("new", False)
    assert followed(way, 12) == Case("contacted", False)
    assert followed(way, 25) is None
    assert followed(days((0, "engaged"), (3, "contacted")), 2) == Case("engaged", False)
    assert followed(days((0, "new"), (1, "customer")), 9) is None


def test_the_move_that_an_act_is_itself_is_not_what_followed_it():
    way = days((0, "new"), (5, "contacted"), (9, "qualified"))
    assert followed(way, 5) == Case("new", True)
    assert followed(way[:2], 5) == Case("new", False)
    two_at_once = days((0, "new"), (5, "contacted"), (5, "qualified"), (8, "contacted"))
    assert followed(two_at_once, 5) == Case("new", False)


def test_what_came_before_the_first_stay_counts_to_it():
    way = days((3, "new"), (3, "contacted"))
    assert followed(way, 1) == followed(way, 3) == Case("new", False)
    assert followed([*way, *days((6, "engaged"))], 1) == Case("new", True)


def test_a_lead_came_to_every_stage_that_it_passed_over():
    way = days((1, "new"), (4, "engaged"), (5, "new"), (6, "lost"), (9, "opportunity"))
    moments = {stage: at // DAY_MILLIS for stage, at in came(way).items()}
    assert moments == dict(zip(PATH, (1, 4, 4, 4, 9), strict=False))
    assert came(days((1, "lost"))) == {}


def test_a_chance_is_of_those_who_had_the_time():
    won = [days((0, "new"), (10, "customer"))] * 9 + [days((0, "new"), (80, "customer"))]
    waiting = days((95, "new"))
    found = chances([*won, waiting], 100 * DAY_MILLIS)
    assert found["new"] == (10, 10)
    found = chances([*won, waiting], 105 * DAY_MILLIS)
    assert found["new"] == (11, 10)
    assert chances([waiting], 96 * DAY_MILLIS)["new"] == (1, 0)
    assert chances([], 0) == {}


def test_the_usual_stay_is_that_of_nine_in_ten_who_went_on():
    went_on = [days((0, "new"), (n, "contacted")) for n in range(1, 11)]
    lost = [days((0, "new"), (90, "lost"))] * 5
    assert usual_stays(went_on + lost) == {"new": 9}
    assert usual_stays(went_on[:9] + lost) == {}


@given(st.lists(ways), st.integers(0, 10**11))
def test_there_are_never_more_customers_than_leads(some, now):
    for had_time, customers in chances(some, now).values():
        assert 0 <= customers <= had_time <= len(some)


@given(ways, st.integers(0, 10**11))
def test_an_act_counts_to_a_stage_that_the_lead_was_in(way, at):
    found = case(way, at, WITHIN)
    assert found is None or found.stage in {stage for _, stage in way} & set(PATH[:-1])
