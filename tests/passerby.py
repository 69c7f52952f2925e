"""A visitor of the public pages, as a browser without JavaScript behaves: sends back the forms
it is shown."""

from datetime import timedelta
from html.parser import HTMLParser
from uuid import UUID, uuid4

from app import asking
from app.clock import utc_now
from app.extensions import db
from app.tenancy import acting_for

AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0 Safari/537.36"
)


class Form:
    """A form of a page: where it goes, and its fields as a browser would send them."""

    def __init__(self, attributes):
        self.action = attributes.get("action", "")
        self.fields: dict[str, list[str]] = {}
        self.names: set[str] = set()
        self.ticked: set[str] = set()

    def __contains__(self, name):
        return name in self.names


class Forms(HTMLParser):
    def __init__(self, page: str):
        super().__init__()
        self.forms: list[Form] = []
        self.area: str | None = None
        self.select: str | None = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "form":
            self.forms.append(Form(attributes))
        if not self.forms:
            return
        form, name = self.forms[-1], attributes.get("name")
        if tag == "input" and name:
            form.names.add(name)
            box = attributes.get("type") in ("checkbox", "radio")
            if not box or "checked" in attributes:
                form.fields.setdefault(name, []).append(
                    attributes.get("value", "on" if box else "")
                )
                form.ticked |= {name} if box else set()
        elif tag in ("select", "textarea"):
            form.names.add(name)
            self.select = name if tag == "select" else None
            if tag == "textarea":
                self.area = name
                form.fields[name] = [""]
        elif (
            tag == "option"
            and self.select
            and (self.select not in form.fields or "selected" in attributes)
        ):
            form.fields[self.select] = [attributes["value"]]

    def handle_endtag(self, tag):
        if tag in ("select", "textarea"):
            self.select = self.area = None

    def handle_data(self, data):
        if self.area:
            self.forms[-1].fields[self.area][0] += data


class Passerby:
    """`page` is the last page seen; redirects are followed."""

    def __init__(self, client, **headers):
        self.client = client
        self.headers = {"User-Agent": AGENT, **headers}
        self.page = None

    def get(self, path, query=None):
        self.page = self.client.get(
            path, query_string=query, headers=self.headers, follow_redirects=True
        )
        return self.page

    def form(self, part: str) -> Form:
        """The first form of the page whose address contains this."""
        return next(f for f in Forms(self.page.text).forms if part in f.action)

    def forms(self, part: str) -> list[Form]:
        return [f for f in Forms(self.page.text).forms if part in f.action]

    def send(self, part: str, /, _part=False, **changes):
        """Sends the form of the page with some fields changed; None leaves one out."""
        form = self.form(part)
        fields = {**form.fields, **changes}
        data = {name: value for name, value in fields.items() if value is not None}
        more = {"X-Requested-With": "fetch"} if _part else {}
        self.page = self.client.post(
            form.action, data=data, headers={**self.headers, **more}, follow_redirects=True
        )
        return self.page

    def calculate(self, *procedures, **fields):
        """Uses the cost calculator; the id of the use."""
        self.get("/enhanced-cost/")
        self.send("/enhanced-cost/", procedures=list(procedures), **fields)
        assert self.page.request.path.startswith("/enhanced-cost/result/"), self.page.text
        return UUID(self.page.request.path.rpartition("/")[2])

    def answer(self, **fields):
        """Fills in the step that is shown, at the pace of a person."""
        action = self.form("/step/").action
        event_id = UUID(action.split("/")[2])
        fields.setdefault("stamp", asking.stamp(event_id, utc_now() - timedelta(seconds=20)))
        return self.send("/step/", **fields)


def in_mode(cast, mode: str):
    """Has the clinic's site tell visitors apart in this way."""
    with acting_for(cast.clinic):
        cast.site.identity_mode = mode
        db.session.commit()


def with_cookie(app, visitor_id=None):
    """A browser of its own that keeps the snippet's cookie."""
    client = app.test_client()
    client.set_cookie("ll_visitor", str(visitor_id or uuid4()), domain="localhost")
    return Passerby(client)
