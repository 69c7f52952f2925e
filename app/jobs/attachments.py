"""Files of mails that are made when the mail is sent: the outbox holds a reference to each."""

import binascii
from base64 import b64decode
from collections.abc import Callable

from app.clients.mail import Attachment, Refused
from app.jobs.quote_mail import quote_file

# {"kind": "quote", "id": 12} in a mail -> ATTACHMENTS["quote"](12), acting for the organization;
# None when there is no such thing any more.
ATTACHMENTS: dict[str, Callable[[int], Attachment | None]] = {"quote": quote_file}


def attachment(told: dict) -> Attachment:
    """The file that a mail's payload names. Raises Refused."""
    if "base64" in told:
        try:
            return Attachment(told["name"], told["type"], b64decode(told["base64"], validate=True))
        except (binascii.Error, ValueError) as problem:
            raise Refused(f"The file {told['name']!r} cannot be read: {problem}") from None
    make = ATTACHMENTS.get(told["kind"])
    made = make(told["id"]) if make else None
    if made is None:
        raise Refused(f"There is no {told['kind']} {told['id']} to attach any more.")
    return made
