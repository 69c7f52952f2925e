"""What the organization offers. Prices are whole minor units (cents) of its currency."""

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Document
from app.tenancy import OrganizationOwned


class Treatment(OrganizationOwned, db.Model):
    """A treatment; `areas` and `options` have the shapes of `app.domain.tools.cost`."""

    __tablename__ = "treatments"
    __table_args__ = (
        UniqueConstraint("organization_id", "slug"),
        CheckConstraint("price_low BETWEEN 0 AND price_high", name="price"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str]
    name: Mapped[str]
    summary: Mapped[str]
    description: Mapped[str]
    category: Mapped[str]
    concerns: Mapped[list] = mapped_column(Document, default=list)
    synonyms: Mapped[list] = mapped_column(Document, default=list)
    questions: Mapped[list] = mapped_column(Document, default=list)
    price_low: Mapped[int]
    price_high: Mapped[int]
    downtime: Mapped[str] = mapped_column(default="")
    minutes: Mapped[int]
    sessions: Mapped[int] = mapped_column(default=1)
    areas: Mapped[list] = mapped_column(Document, default=list)
    options: Mapped[list] = mapped_column(Document, default=list)
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)


class Clinic(OrganizationOwned, db.Model):
    """A place; `price_percent` scales its prices (100 leaves them). `timezone` is an IANA name;
    empty means the organization's."""

    __tablename__ = "clinics"
    __table_args__ = (
        UniqueConstraint("organization_id", "slug"),
        CheckConstraint("price_percent BETWEEN 10 AND 1000", name="price_percent"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str]
    name: Mapped[str]
    city: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    timezone: Mapped[str] = mapped_column(default="")
    price_percent: Mapped[int] = mapped_column(default=100)
    position: Mapped[int] = mapped_column(default=0)
