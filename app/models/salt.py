from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Instant


class Salt(db.Model):
    """The random salt of one UTC day, of which cookieless visitor ids are made; kept two days."""

    __tablename__ = "salts"

    day: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)
