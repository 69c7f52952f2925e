"""`flask attribute`: credit for what happened before it was told."""

from collections import Counter

import click

from app.clock import utc_now
from app.commands.door import chosen_organization, command, for_organization
from app.domain.attribution.attribution import CONVERSION_TYPES
from app.extensions import db
from app.operations.attribution.attribute_leads import attribute_leads
from app.tenancy import acting_for

AT_ONCE = 60  # conversions a transaction


@command("attribute")
@click.option(
    "--type",
    "types",
    multiple=True,
    type=click.Choice(CONVERSION_TYPES),
    help="Only conversions of this type; all when left out.",
)
@for_organization
def attribute(types, slug):
    """Shares the credit of all conversions by all models: after history was imported, say.

    What was calculated before is calculated again. After a break, begin it again.
    """
    organization_id = chosen_organization(slug).id
    db.session.rollback()
    counts, after = Counter(), 0
    with acting_for(organization_id):
        while after is not None:
            some, after = attribute_leads(
                after, AT_ONCE, now=utc_now(), types=types or CONVERSION_TYPES
            )
            db.session.commit()
            counts += some
    click.echo(
        f"{counts['leads']} leads, {counts['conversions']} conversions; "
        f"{counts['without_touches']} more had no touch before them"
    )
