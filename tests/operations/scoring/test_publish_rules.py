"""Publishing scoring rules: the next version, whole, never changed again."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.blueprints.admin.rules.interaction_form import parsed, typed
from app.domain.scoring.condition import FIELDS, Condition
from app.domain.scoring.rules import Rule, RuleError, RuleSet
from app.domain.scoring.session_score import DurationBand, SessionRules
from app.extensions import db
from app.models import RuleSetVersion
from app.operations.scoring.publish_rules import (
    VersionConflict,
    publish_interaction_rules,
    publish_session_rules,
)
from app.queries.scoring.rules import interaction_rules, session_rules
from app.queries.scoring.rules_history import changes, version_at
from app.tenancy import acting_for
from tests.conftest import NOW

whole = st.integers(0, 100)
names = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=60
).filter(str.strip)
numbers = st.integers(-(10**6), 10**6)
scalars = st.one_of(names, numbers, st.booleans())
conditions = st.one_of(
    st.builds(Condition, st.sampled_from(list(FIELDS)), st.just("equals"), scalars),
    st.builds(
        Condition,
        st.sampled_from(list(FIELDS)),
        st.just("one_of"),
        st.lists(scalars, min_size=1, max_size=4).map(tuple),
    ),
    st.builds(Condition, st.sampled_from(list(FIELDS)), st.just("at_least"), numbers),
    st.builds(Condition, st.sampled_from(list(FIELDS)), st.just("exists"), st.none()),
)
rules = st.builds(
    Rule,
    id=st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True),
    name=names,
    kind=st.sampled_from(("base", "bonus")),
    points=st.integers(-100, 100),
    interaction_type=st.sampled_from((None, "face_analysis", "search")),
    condition=st.none() | conditions,
    active=st.booleans(),
)
rule_sets = st.builds(
    RuleSet,
    rules=st.lists(rules, max_size=6, unique_by=lambda rule: rule.id).map(tuple),
    thresholds=st.dictionaries(st.sampled_from(("face_analysis", "search")), whole),
    high_intent_limit=st.integers(1, 1000),
    levels=st.lists(whole, min_size=2, max_size=2, unique=True).map(
        lambda pair: tuple(sorted(pair))
    ),
    cap=st.integers(1, 100),
)
later_bands = st.lists(
    st.tuples(st.integers(1, 10_000), whole), max_size=5, unique_by=lambda band: band[0]
)
session_rule_sets = st.builds(
    SessionRules,
    duration_bands=later_bands.map(
        lambda pairs: tuple(DurationBand(*pair) for pair in ((0, 5), *sorted(pairs)))
    ),
    page_points=whole,
    click_cap=whole,
    important_labels=st.lists(names, max_size=3).map(tuple),
    half_life_days=st.none() | st.floats(0.5, 3650).map(lambda days: round(days, 2)),
)
many = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def clinic(cast):
    with acting_for(cast.clinic):
        yield cast


@many
@given(rule_set=rule_sets)
def test_what_is_published_is_what_is_read(clinic, rule_set):
    before = interaction_rules().version
    publish_interaction_rules(rule_set, user_id=clinic.alice.id, note="", now=NOW)
    db.session.commit()
    db.session.expire_all()
    read = interaction_rules()
    assert read.version == before + 1
    assert list(changes(rule_set, read)) == []
    assert [r.name for r in read.ordered] == [r.name for r in rule_set.ordered]


@many
@given(rules=session_rule_sets)
def test_published_session_rules_are_what_is_read(clinic, rules):
    publish_session_rules(clinic.site, rules, user_id=None, note="", now=NOW)
    db.session.commit()
    assert session_rules(clinic.site.id) == rules


@given(value=st.one_of(scalars, st.lists(scalars, min_size=1, max_size=4)))
def test_a_conditions_value_survives_being_typed(value):
    read = parsed(typed(value), several=isinstance(value, list))
    assert read == value
    assert repr(read) == repr(value)


def test_no_version_is_published_by_whoever_was_overtaken(clinic):
    publish_interaction_rules(RuleSet(), user_id=None, now=NOW, made_from=0)
    with pytest.raises(VersionConflict) as caught:
        publish_interaction_rules(RuleSet(), user_id=None, now=NOW, made_from=0)
    assert caught.value.version == 1
    assert interaction_rules().version == 1


def test_the_database_itself_refuses_the_same_version_twice(clinic):
    publish_interaction_rules(RuleSet(), user_id=None, now=NOW)
    with pytest.raises(Exception, match=r"(?i)unique"), db.session.begin_nested():
        db.session.add(RuleSetVersion(kind="interaction", version=1, body={}, published_at=NOW))


def test_rules_that_cannot_be_used_are_not_published(clinic):
    wrong = RuleSet(rules=(Rule("a", "", "bonus", 500),))
    with pytest.raises(RuleError) as caught:
        publish_interaction_rules(wrong, user_id=None, now=NOW)
    assert set(caught.value.fields) == {"rules.0.name", "rules.0.points"}
    assert interaction_rules().version == 0


def test_the_version_in_force_at_a_moment_is_known(clinic):
    publish_interaction_rules(RuleSet(), user_id=None, now=NOW)
    publish_interaction_rules(RuleSet(), user_id=None, now=NOW + timedelta(days=2))
    moments = (NOW - timedelta(seconds=1), NOW, NOW + timedelta(days=1), NOW + timedelta(days=3))
    assert [version_at(moment) for moment in moments] == [0, 1, 1, 2]


def test_each_site_and_each_organization_count_their_own_versions(clinic):
    publish_session_rules(clinic.site, SessionRules(), user_id=None, now=NOW)
    publish_interaction_rules(RuleSet(), user_id=None, now=NOW)
    with acting_for(clinic.other):
        publish_session_rules(clinic.other_site, SessionRules(), user_id=None, now=NOW)
        assert interaction_rules().version == 0
        assert [row.version for row in db.session.scalars(select(RuleSetVersion))] == [1]
