"""The staff of the clinic: hired, and at browsers without JavaScript, which send what is shown."""

from html.parser import HTMLParser

from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.models import Membership, User
from app.tenancy import acting_for
from tests.conftest import NOW


def hired(cast, name: str, role: str = "agent") -> User:
    """Somebody new on the clinic's staff."""
    user = User(email=f"{name}@example.com", name=name.title(), password_hash="-", created_at=NOW)
    db.session.add(user)
    db.session.flush()
    with acting_for(cast.clinic):
        db.session.add(Membership(user_id=user.id, role=role))
        db.session.commit()
    return user


class _Forms(HTMLParser):
    """The forms of a page with what a browser would send of each, by name in order."""

    def __init__(self, page: str):
        super().__init__()
        self.forms: list[tuple[str, list[list[str]]]] = []
        self._select = self._area = None
        self._chosen: str | None = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "form":
            self.forms.append((told.get("action", ""), []))
        if not self.forms:
            return
        fields = self.forms[-1][1]
        name = told.get("name")
        if tag == "input" and name and told.get("type") not in ("submit", "file"):
            box = told.get("type") in ("checkbox", "radio")
            if not box or "checked" in told:
                fields.append([name, told.get("value") or ("on" if box else "")])
        elif tag == "select":
            self._select = [name, None]
            fields.append(self._select)
        elif tag == "option" and self._select is not None:
            if self._select[1] is None or "selected" in told:
                self._select[1] = told.get("value", "")
        elif tag == "textarea":
            self._area = [name, ""]
            fields.append(self._area)

    def handle_data(self, data):
        if self._area is not None:
            self._area[1] += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self._area is not None:
            self._area[1] = self._area[1].removeprefix("\n")
            self._area = None
        elif tag == "select":
            self._select = None


class Desk:
    """`page` is the last page seen, `status` its status; redirects are followed."""

    def __init__(self, client):
        self.client = client
        self.page = ""
        self.status = 0

    def open(self, address: str, **query) -> str:
        return self.see(self.client.get(address, query_string=query or None, follow_redirects=True))

    def fields(self, part: str) -> MultiDict:
        """What the first form whose address ends like this would send."""
        return MultiDict(map(tuple, self._form(part)[1]))

    def send(self, part: str, /, **changes) -> str:
        """Sends that form with fields set anew; a list sets all of one name, None none."""
        action, fields = self._form(part)
        kept = MultiDict(map(tuple, fields))
        for name, value in changes.items():
            values = value if isinstance(value, list) else [] if value is None else [value]
            kept.setlist(name.replace("__", "-"), values)
        return self.see(self.client.post(action, data=kept, follow_redirects=True))

    def post(self, address: str, **fields) -> str:
        """Sends what no form of the page would."""
        fields.setdefault("csrf_token", self.fields("").get("csrf_token"))
        return self.see(self.client.post(address, data=fields, follow_redirects=True))

    def _form(self, part: str):
        forms = _Forms(self.page).forms
        found = [form for form in forms if form[0].endswith(part)]
        assert found, f"no form {part} among {[action for action, _ in forms]}"
        return found[0]

    def see(self, answer) -> str:
        """Takes an answer for the page that is open now."""
        self.page, self.status = answer.get_data(as_text=True), answer.status_code
        return self.page
