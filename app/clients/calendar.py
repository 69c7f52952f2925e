"""Appointments as calendar programs read them: iCalendar (RFC 5545), through `icalendar`."""

from datetime import datetime
from typing import NamedTuple

from icalendar import Calendar, Event, vCalAddress, vText

PRODUCT = "-//Leadlight//Appointments//EN"
TYPE = "text/calendar"


class Invitation(NamedTuple):
    """What a calendar keeps of an appointment; moments are UTC. The same `uid` with a higher
    `sequence` takes the place of what was told before."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    told_at: datetime
    title: str
    place: str
    text: str
    organizer: str  # an e-mail address
    organizer_name: str
    attendee: str = ""
    link: str = ""


def invitation(told: Invitation, method: str = "PUBLISH") -> bytes:
    """The .ics file. `method`: PUBLISH to download, REQUEST in a mail, CANCEL takes it away."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = Event()
    event.add("uid", told.uid)
    event.add("sequence", told.sequence)
    event.add("dtstamp", told.told_at)
    event.add("dtstart", told.starts_at)
    event.add("dtend", told.ends_at)
    event.add("summary", told.title)
    event.add("location", told.place)
    event.add("description", told.text)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("organizer", _person(told.organizer, told.organizer_name))
    if told.attendee:
        event.add("attendee", _person(told.attendee, ""), encode=False)
    if told.link:
        event.add("url", told.link)
    calendar.add_component(event)
    return calendar.to_ical()


def _person(address: str, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    if name:
        person.params["CN"] = vText(name)
    return person
