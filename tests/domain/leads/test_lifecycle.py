import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.leads.lifecycle import (
    AUTOMATIC,
    EXITS,
    MOVES,
    PATH,
    STAGES,
    LifecycleRules,
    Move,
    StageError,
    automatic_move,
    move,
    triggers,
)
from app.domain.validation import Invalid


@pytest.mark.parametrize(
    ("current", "to", "reason", "kind"),
    [
        (None, "new", "", "enter"),
        ("new", "contacted", None, "next"),
        ("opportunity", "customer", "", "next"),
        ("new", "qualified", "called in", "skip"),
        ("engaged", "contacted", "went quiet", "back"),
        ("new", "lost", "", "exit"),
        ("customer", "churned", "", "exit"),
        ("churned", "lost", "", "exit"),
        ("churned", "contacted", "came back", "return"),
    ],
)
def test_moves_have_a_kind(current, to, reason, kind):
    assert move(current, to, reason) == Move(current, to, kind, reason or "")


@pytest.mark.parametrize(
    ("current", "to"), [("new", "qualified"), ("engaged", "new"), ("lost", "new")]
)
@pytest.mark.parametrize("reason", [None, "", "  "])
def test_skipping_going_back_and_returning_need_a_reason(current, to, reason):
    with pytest.raises(StageError) as refused:
        move(current, to, reason)
    assert refused.value.code == "reason_needed"


@pytest.mark.parametrize("stage", STAGES)
def test_the_same_stage_again_is_refused(stage):
    with pytest.raises(StageError) as refused:
        move(stage, stage, "why not")
    assert refused.value.code == "same_stage"


@pytest.mark.parametrize(
    ("current", "to"), [("new", "won"), ("won", "new"), ("new", ""), ("new", None)]
)
def test_an_unknown_stage_is_refused(current, to):
    with pytest.raises(StageError) as refused:
        move(current, to, "because")
    assert refused.value.code == "unknown_stage"


def test_every_stage_leads_to_every_other_one():
    assert len(MOVES) == (len(STAGES) + 1) * len(STAGES) - len(STAGES)
    assert all(move(a, b, "reason").stage == b for a, b in MOVES)


@pytest.mark.parametrize(
    ("current", "trigger", "stage"),
    [
        ("new", "outbound_contact", "contacted"),
        ("qualified", "outbound_contact", None),
        ("contacted", "score_reached", "qualified"),
        ("qualified", "score_reached", None),
        ("new", "reply", "engaged"),
        ("new", "meeting", "engaged"),
        ("opportunity", "reply", None),
        ("new", "purchase", "customer"),
        ("lost", "purchase", "customer"),
        ("lost", "reply", None),
        ("churned", "score_reached", None),
        ("customer", "silent", "churned"),
        ("lost", "silent", None),
        ("churned", "silent", None),
    ],
)
def test_triggers_move_leads_forward_only(current, trigger, stage):
    moved = automatic_move(current, trigger)
    assert (moved and moved.stage) == stage


@given(st.sampled_from(PATH), st.sampled_from(list(AUTOMATIC)))
def test_no_trigger_moves_a_lead_back(current, trigger):
    moved = automatic_move(current, trigger)
    if moved and moved.stage not in EXITS:
        assert PATH.index(moved.stage) > PATH.index(current)
        assert moved.reason


@pytest.mark.parametrize(
    ("given_facts", "names"),
    [
        ({"engagement_type": "email_sent"}, ("outbound_contact",)),
        ({"engagement_type": "sms_replied"}, ("reply",)),
        ({"engagement_type": "page_viewed"}, ()),
        ({"engagement_type": "purchase_made", "score": 60}, ("purchase", "score_reached")),
        ({"score": 59}, ()),
        ({"silent_days": 180}, ("silent",)),
        ({"silent_days": 179.9}, ()),
    ],
)
def test_what_happens_sets_off_triggers(given_facts, names):
    assert triggers(**given_facts) == names


def test_a_trigger_can_be_switched_off():
    rules = LifecycleRules(switched_off=frozenset({"reply"}))
    assert automatic_move("new", "reply", rules) is None
    assert triggers("email_replied", rules=rules) == ()
    assert automatic_move("new", "meeting", rules).stage == "engaged"


def test_rules_survive_json():
    rules = LifecycleRules(50, 90, frozenset({"silent"}))
    assert LifecycleRules.from_json(rules.to_json()) == rules


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"qualified_at": 0}, "qualified_at"),
        ({"silent_days": 0}, "silent_days"),
        ({"switched_off": ["x"]}, "switched_off"),
    ],
)
def test_bad_rules_are_refused_by_field(data, field):
    with pytest.raises(Invalid) as refused:
        LifecycleRules.from_json(data)
    assert list(refused.value.fields) == [field]
