"""Who treats, where and when. Times of day are whole minutes after midnight at the clinic."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Document
from app.tenancy import OrganizationOwned

DAY = "weekday BETWEEN 0 AND 6 AND starts >= 0 AND starts < ends AND ends <= 1440"


class Practitioner(OrganizationOwned, db.Model):
    """Somebody who treats; `treatments` are the slugs of what they offer."""

    __tablename__ = "practitioners"
    __table_args__ = (UniqueConstraint("organization_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str]
    name: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    treatments: Mapped[list] = mapped_column(Document, default=list)
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)


class OpeningHours(OrganizationOwned, db.Model):
    """A stretch of a weekday (0 is Monday) in which a clinic is open; breaks are gaps."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        Index(None, "organization_id", "clinic_id", "weekday"),
        CheckConstraint(DAY, name="day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    starts: Mapped[int]
    ends: Mapped[int]


class WorkingHours(OrganizationOwned, db.Model):
    """A stretch of a weekday in which a practitioner works at a clinic; breaks are gaps."""

    __tablename__ = "working_hours"
    __table_args__ = (
        Index(None, "organization_id", "practitioner_id", "weekday"),
        CheckConstraint(DAY, name="day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id", ondelete="CASCADE"))
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    starts: Mapped[int]
    ends: Mapped[int]


class Closure(OrganizationOwned, db.Model):
    """Days, first and last included, on which nobody is treated: everywhere, at one clinic, or by
    one practitioner (a holiday, a leave)."""

    __tablename__ = "closures"
    __table_args__ = (
        Index(None, "organization_id", "ends_on"),
        CheckConstraint("starts_on <= ends_on", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int | None] = mapped_column(ForeignKey("clinics.id", ondelete="CASCADE"))
    practitioner_id: Mapped[int | None] = mapped_column(
        ForeignKey("practitioners.id", ondelete="CASCADE")
    )
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
