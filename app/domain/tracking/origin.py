"""Where a visit came from and with what, of its first page's address, referrer and user agent."""

from app.domain.tracking.channel import attribute_visit, clean_url
from app.domain.tracking.device import parse_user_agent
from app.domain.tracking.event import text
from app.domain.tracking.visit import Origin


def origin_of(
    url: str | None, referrer: str | None, user_agent: str | None, language: str | None = None
) -> Origin:
    """The origin of a visit that begins so; what is not told stays none."""
    source = attribute_visit(url or "", referrer or "")
    device = parse_user_agent(user_agent) if user_agent else None
    return Origin(
        referrer=clean_url(referrer) if referrer else None,
        channel=source.channel,
        source=source.source,
        medium=source.medium,
        campaign=source.campaign,
        term=source.term,
        content=source.content,
        click_id=source.click_id,
        device=device and device.kind,
        browser=device and device.browser,
        os=device and device.os,
        language=text(language, 35),
    )
