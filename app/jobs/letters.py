"""Write a mail from its message in the outbox: the template filled in, its files added."""

from flask import current_app, g
from jinja2 import TemplateError, TemplateNotFound

from app.clients.mail import Letter, Refused
from app.jobs.attachments import attachment
from app.models import Organization, OutboxMessage
from app.operations.deliver import Leased

KIND = "mail."


def letter_of(message: Leased, organization: Organization) -> Letter:
    """What goes out for a message of a kind mail.<name>. Raises Refused."""
    subject, text = written(message, organization)
    return Letter(
        to=message.payload["to"],
        subject=subject,
        text=text,
        reference=f"outbox-{message.organization_id}-{message.id}",
        sender_name=organization.name,
        reply_to=(organization.settings or {}).get("site", {}).get("email", ""),
        attachments=[attachment(file) for file in message.payload.get("attachments", [])],
    )


def written(message: Leased | OutboxMessage, organization: Organization) -> tuple[str, str]:
    """Subject and text from mail/<name>.txt: its first line, and what follows it. They are
    rendered apart, so that no fact can end the one and begin the other. Raises Refused."""
    plain = current_app.jinja_env.overlay(autoescape=False)
    name = message.kind.removeprefix(KIND)
    facts = {"organization": organization.name, **message.payload}
    before = g.get("organization")
    g.organization = organization  # for the formats of moments
    try:
        source, _, _ = plain.loader.get_source(plain, f"mail/{name}.txt")
        first, _, rest = source.partition("\n")
        subject = plain.from_string(first.removeprefix("Subject:")).render(facts)
        return " ".join(subject.split()), plain.from_string(rest).render(facts).strip() + "\n"
    except TemplateNotFound as problem:
        raise Refused(f"There is no text for mails named {problem.name!r}.") from None
    except TemplateError as problem:
        raise Refused(f"The text mail/{name}.txt cannot be filled in: {problem}") from None
    finally:
        g.organization = before
