from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.scoring.condition import OPERATORS, Condition, look_up
from app.domain.scoring.rules import (
    DEFAULT_RULE_SET,
    DEFAULT_RULES,
    TOOL_TYPES,
    Rule,
    RuleError,
    RuleSet,
)

FIELD = "interaction.x"
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text()
    | st.binary()
    | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.sets(st.integers()),
    max_leaves=8,
)
scalars = st.text(min_size=1, max_size=9).filter(str.strip) | st.integers() | st.booleans()
VALUES = {
    "equals": scalars,
    "one_of": st.lists(scalars, min_size=1, max_size=3).map(tuple),
    "at_least": st.integers(),
    "at_most": st.integers(),
    "contains": scalars,
    "exists": st.none(),
    "count_at_least": st.integers(1, 1000),
}
names = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True)
paths = st.sampled_from(["interaction.budget", "session.page_views", "visitor.a.b", FIELD])


@st.composite
def conditions(draw):
    operator = draw(st.sampled_from(list(OPERATORS)))
    return Condition(draw(paths), operator, draw(VALUES[operator]))


@st.composite
def rules(draw, rule_id=None):
    per_unit = draw(st.none() | paths)
    return Rule(
        id=rule_id or draw(names),
        name=draw(names),
        kind=draw(st.sampled_from(["base", "bonus"])),
        points=draw(st.integers(-100, 100)),
        interaction_type=draw(st.none() | st.sampled_from(TOOL_TYPES)),
        condition=draw(st.none() | conditions()),
        per_unit=per_unit,
        unit_cap=draw(st.none() | st.integers(1, 100)) if per_unit else None,
        active=draw(st.booleans()),
        position=draw(st.integers(0, 100)),
    )


@st.composite
def rule_sets(draw):
    ids = draw(st.lists(names, unique=True, max_size=5))
    low = draw(st.integers(0, 99))
    return RuleSet(
        version=draw(st.integers(1, 99)),
        rules=tuple(draw(rules(rule_id)) for rule_id in ids),
        thresholds=draw(st.dictionaries(names, st.integers(0, 100), max_size=3)),
        high_intent_limit=draw(st.integers(1, 9)),
        levels=(low, draw(st.integers(low + 1, 100))),
        cap=draw(st.integers(1, 100)),
    )


@pytest.mark.parametrize(
    ("operator", "value", "actual", "holds"),
    [
        ("equals", "high", "High ", True),
        ("equals", "high", "higher", False),
        ("equals", 3, 3.0, True),
        ("equals", 1, True, False),
        ("equals", True, True, True),
        ("equals", "3", 3, False),
        ("one_of", ("a", "b"), "B", True),
        ("one_of", ("a", "b"), "c", False),
        ("one_of", ("a",), ["a"], False),
        ("at_least", 300, 300, True),
        ("at_least", 300, 299.9, False),
        ("at_least", 300, Decimal(301), True),
        ("at_least", 300, "301", False),
        ("at_least", 0, True, False),
        ("at_least", 0, float("nan"), False),
        ("at_most", 5, 5, True),
        ("at_most", 5, 6, False),
        ("at_most", 5, [1], False),
        ("contains", "laser", ["Botox", "LASER"], True),
        ("contains", "laser", "A laser peel", True),
        ("contains", "laser", ["laser peel"], False),
        ("contains", 3, "3", False),
        ("exists", None, "x", True),
        ("exists", None, 0, True),
        ("exists", None, False, True),
        ("exists", None, "", False),
        ("exists", None, [], False),
        ("exists", None, None, False),
        ("count_at_least", 2, ["a", "b"], True),
        ("count_at_least", 2, ["a"], False),
        ("count_at_least", 2, "ab", False),
        ("count_at_least", 1, "ab", True),
        ("count_at_least", 3, 3, True),
        ("count_at_least", 1, True, False),
    ],
)
def test_each_operator_means_what_its_label_says(operator, value, actual, holds):
    assert Condition(FIELD, operator, value).holds({"interaction": {"x": actual}}) is holds


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("facts", [{}, {"interaction": None}, {"interaction": 5}, None, "x"])
def test_a_missing_field_is_never_a_match(operator, facts):
    assert not Condition(FIELD, operator, 1).holds(facts)


@given(st.sampled_from(list(OPERATORS)), anything, anything)
def test_no_fact_makes_a_condition_raise(operator, value, actual):
    expected = value if OPERATORS[operator].accepts(value) else next(iter([1]))
    expected = (expected,) if operator == "one_of" and expected == 1 else expected
    condition = Condition(FIELD, operator, expected)
    facts = {"interaction": {"x": actual}}
    assert condition.holds(facts) in (True, False)
    assert isinstance(condition.detail(facts), str)


def test_paths_reach_into_nested_facts():
    assert look_up({"interaction": {"data": {"area": "face"}}}, "interaction.data.area") == "face"


def test_every_operator_has_a_label_of_its_own():
    labels = {operator.label for operator in OPERATORS.values()}
    assert len(labels) == len(OPERATORS) == 7


def test_the_ten_default_rules():
    points = [rule.points for rule in DEFAULT_RULES]
    assert points == [60, 80, 70, 90, 15, 20, 25, 15, 5, 10]
    assert [rule.kind for rule in DEFAULT_RULES] == ["base"] * 4 + ["bonus"] * 6
    assert [rule.position for rule in DEFAULT_RULES] == list(range(1, 11))
    thresholds = dict(zip(TOOL_TYPES, (60, 80, 70, 90), strict=True))
    assert DEFAULT_RULE_SET.thresholds == thresholds


def test_a_condition_reads_as_a_sentence():
    condition = Condition("interaction.budget", "one_of", ("medium", "high"))
    assert condition.describe() == "Budget range is one of medium, high"
    exists = Condition("interaction.urgency", "exists")
    assert exists.describe() == "Urgency exists"


def test_the_default_rules_survive_json():
    assert RuleSet.from_json(DEFAULT_RULE_SET.to_json()) == DEFAULT_RULE_SET
    assert RuleSet.from_json({}) == DEFAULT_RULE_SET


@given(rule_sets())
def test_rule_sets_survive_json(rule_set):
    assert RuleSet.from_json(rule_set.to_json()) == rule_set


@given(rules())
def test_a_rule_survives_json(rule):
    assert Rule.from_json(rule.to_json()) == rule


GOOD = {"id": "a", "name": "A", "kind": "bonus", "points": 5}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"points": 101}, "points"),
        ({"points": -101}, "points"),
        ({"points": 1.5}, "points"),
        ({"points": True}, "points"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"kind": "extra"}, "kind"),
        ({"interaction_type": "Face Analysis"}, "interaction_type"),
        ({"per_unit": "__class__.x"}, "per_unit"),
        ({"unit_cap": 3}, "unit_cap"),
        ({"per_unit": FIELD, "unit_cap": 0}, "unit_cap"),
        ({"active": "yes"}, "active"),
        ({"position": -1}, "position"),
        ({"surprise": 1}, "surprise"),
        ({"condition": "x"}, "condition"),
        ({"condition": {"field": FIELD, "operator": "eval", "value": 1}}, "condition.operator"),
        ({"condition": {"field": "os.system", "operator": "exists"}}, "condition.field"),
        ({"condition": {"operator": "exists"}}, "condition.field"),
        ({"condition": {"field": FIELD, "operator": "exists", "value": 1}}, "condition.value"),
        ({"condition": {"field": FIELD, "operator": "one_of", "value": []}}, "condition.value"),
        ({"condition": {"field": FIELD, "operator": "one_of", "value": "a"}}, "condition.value"),
        ({"condition": {"field": FIELD, "operator": "at_least", "value": "9"}}, "condition.value"),
        ({"condition": {"field": FIELD, "operator": "equals"}}, "condition.value"),
        (
            {"condition": {"field": FIELD, "operator": "count_at_least", "value": 0}},
            "condition.value",
        ),
    ],
)
def test_a_bad_rule_is_refused_by_field(change, field):
    with pytest.raises(RuleError) as refused:
        Rule.from_json(GOOD | change)
    assert list(refused.value.fields) == [field]


def test_what_is_required_is_named():
    with pytest.raises(RuleError) as refused:
        Rule.from_json({})
    assert set(refused.value.fields) == {"id", "name", "kind", "points"}


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"rules": [GOOD, GOOD]}, {"rules.1.id"}),
        ({"rules": [GOOD | {"points": 999, "kind": ""}]}, {"rules.0.points", "rules.0.kind"}),
        ({"rules": {}}, {"rules"}),
        ({"thresholds": {"search": 101}}, {"thresholds"}),
        ({"high_intent_limit": 0}, {"high_intent_limit"}),
        ({"levels": [70, 40]}, {"levels"}),
        ({"levels": [40]}, {"levels"}),
        ({"cap": 101}, {"cap"}),
        ({"version": 0}, {"version"}),
        (None, {"data"}),
    ],
)
def test_a_bad_rule_set_is_refused_by_path(data, fields):
    with pytest.raises(RuleError) as refused:
        RuleSet.from_json(data)
    assert set(refused.value.fields) == fields


parts = st.fixed_dictionaries(
    {},
    optional={
        "rules": anything,
        "id": anything,
        "points": anything,
        "condition": st.dictionaries(st.sampled_from(["field", "operator", "value"]), anything),
        "levels": anything,
        "thresholds": anything,
    },
)


@given(anything | parts | st.lists(parts).map(lambda rules: {"rules": rules}))
def test_garbage_is_a_rule_set_or_a_rule_error_never_a_crash(data):
    assert read(data) is None or isinstance(read(data), RuleSet)


def read(data):
    with suppress(RuleError):
        return RuleSet.from_json(data)
    return None
