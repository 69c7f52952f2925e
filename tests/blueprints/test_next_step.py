"""The button of what to do next: by the action's own channel, as far as it is known."""

import pytest

from app.blueprints.leads.journey_shown import WAYS, next_step
from app.domain.journeys.next_action import ACTIONS
from app.models import Lead, LeadJourney

PHONE, EMAIL = "+33612345678", "eve@example.com"


def step(name, channel, **known):
    action = {"name": name, "channel": channel, "label": "Do it", "reason": "because"}
    journey = LeadJourney(next_action=action | {"learned_from": "rules"})
    shown = next_step(journey, Lead(**known))
    return shown["opens"], shown["button"]


@pytest.mark.parametrize(
    ("name", "channel", "opens", "button"),
    [
        ("answer", "sms", "text", "Answer now"),
        ("answer", "email", "write", "Answer now"),
        ("answer", "phone", "call", "Answer now"),
        ("rebook", "phone", "call", "Call now"),
        ("ask_next_step", "sms", "text", "Write a message"),
        ("send_offer", "phone", "call", "Call now"),
        ("send_offer", "email", "write", "Write an e-mail"),
        ("ask_how_it_went", "email", "write", "Write an e-mail"),
        ("book_meeting", "phone", "book", "Book an appointment"),
        ("note_attendance", "", "appointment", "See the appointment"),
    ],
)
def test_the_button_does_it_on_the_channel_that_was_advised(name, channel, opens, button):
    assert step(name, channel, phone=PHONE, email=EMAIL) == (opens, button)


def test_a_channel_that_is_gone_since_gives_way_to_another():
    assert step("answer", "email", phone=PHONE) == ("text", "Answer now")
    assert step("ask_how_it_went", "phone", email=EMAIL) == ("write", "Write an e-mail")
    assert step("call", "phone", email=EMAIL) == (None, "")


def test_every_action_that_is_to_be_done_has_its_way():
    assert {action.name for action in ACTIONS} - set(WAYS) == {"leave_alone"}
