"""The form of the face analysis as a browser without scripts sends it, and what is kept of it."""

from uuid import UUID

from sqlalchemy import select

from app.extensions import db
from app.models import Consent, Interaction
from app.tenancy import acting_for

PAGE = "/enhanced-face/"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def analyse(visitor, photo: bytes | None, **fields):
    """Fills in the form and sends it, with the consent unless said otherwise; the page."""
    visitor.get(PAGE)
    return send(visitor, photo, **fields)


def send(visitor, photo: bytes | None, **changes):
    """Sends the form of the page as a browser does, its bytes put together here: the test client
    would keep a large file on the disk."""
    form = visitor.form(PAGE)
    fields = {**form.fields, "consent": "1", **changes}
    visitor.page = visitor.client.post(
        PAGE,
        data=encoded(photo, fields),
        content_type="multipart/form-data; boundary=line",
        headers=visitor.headers,
        follow_redirects=True,
    )
    return visitor.page


def encoded(photo: bytes | None, fields: dict) -> bytes:
    parts = []
    for name, values in fields.items():
        for value in [values] if isinstance(values, str) else values or []:
            head = f'--line\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            parts.append(f"{head}{value}\r\n".encode())
    if photo is not None:
        head = 'Content-Disposition: form-data; name="photo"; filename="me.jpg"'
        parts.append(f"--line\r\n{head}\r\n\r\n".encode() + photo + b"\r\n")
    return b"".join([*parts, b"--line--\r\n"])


def use_of(visitor) -> UUID:
    assert "/result/" in visitor.page.request.path, visitor.page.text
    return UUID(visitor.page.request.path.rpartition("/")[2])


def stored(cast, kind="face_analysis"):
    db.session.expire_all()
    with acting_for(cast.clinic):
        wanted = select(Interaction).where(Interaction.type == kind).order_by(Interaction.id)
        return list(db.session.scalars(wanted))


def receipts(cast):
    db.session.expire_all()
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(Consent).order_by(Consent.id)))
