"""appointments"""

import sqlalchemy as sa
from alembic import op

from app.models import types
from app.models.row_policy import protect

revision = "c3e90a2b1d34"
down_revision = "b2d8f61a0c23"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "appointments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", types.Identifier(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("clinic_id", sa.Integer(), nullable=True),
        sa.Column("practitioner_id", sa.Integer(), nullable=True),
        sa.Column(
            "treatments",
            types.Document,
            nullable=False,
        ),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("clinic_name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("practitioner_name", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("visitor_timezone", sa.String(), nullable=False),
        sa.Column("starts_at", types.Instant(), nullable=False),
        sa.Column("ends_at", types.Instant(), nullable=False),
        sa.Column("held_until", types.Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column(
            "contact",
            types.Document,
            nullable=False,
        ),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column(
            "source",
            types.Document,
            nullable=False,
        ),
        sa.Column("visitor_id", types.Identifier(), nullable=True),
        sa.Column("visitor_session_id", types.Identifier(), nullable=True),
        sa.Column("booked_by_id", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("reminder_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("cancelled_at", types.Instant(), nullable=True),
        sa.Column("cancelled_by", sa.String(), nullable=False),
        sa.Column("cancel_reason", sa.String(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('booked', 'cancelled', 'attended', 'missed')",
            name=op.f("ck_appointments_state"),
        ),
        sa.CheckConstraint(
            "starts_at < ends_at AND ends_at <= held_until", name=op.f("ck_appointments_times")
        ),
        sa.ForeignKeyConstraint(
            ["booked_by_id"],
            ["users.id"],
            name=op.f("fk_appointments_booked_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"],
            ["clinics.id"],
            name=op.f("fk_appointments_clinic_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name=op.f("fk_appointments_lead_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_appointments_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"],
            ["practitioners.id"],
            name=op.f("fk_appointments_practitioner_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
        sa.UniqueConstraint(
            "organization_id", "event_id", name=op.f("uq_appointments_organization_id_event_id")
        ),
    )
    op.create_index(
        op.f("ix_appointments_organization_id_lead_id"),
        "appointments",
        ["organization_id", "lead_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_appointments_organization_id_practitioner_id_starts_at"),
        "appointments",
        ["organization_id", "practitioner_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_appointments_organization_id_starts_at"),
        "appointments",
        ["organization_id", "starts_at"],
        unique=False,
    )
    op.create_table(
        "appointment_slots",
        sa.Column("practitioner_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", types.Instant(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_appointment_slots_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_appointment_slots_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"],
            ["practitioners.id"],
            name=op.f("fk_appointment_slots_practitioner_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "practitioner_id", "starts_at", name=op.f("pk_appointment_slots")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_appointment_slots_organization_id_appointment_id"),
        "appointment_slots",
        ["organization_id", "appointment_id"],
        unique=False,
    )
    op.create_table(
        "booking_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", types.Identifier(), nullable=False),
        sa.Column("visitor_id", types.Identifier(), nullable=True),
        sa.Column("visitor_session_id", types.Identifier(), nullable=True),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column(
            "treatments",
            types.Document,
            nullable=False,
        ),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("clinic_name", sa.String(), nullable=False),
        sa.Column("practitioner_name", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("starts_at", types.Instant(), nullable=True),
        sa.Column(
            "source",
            types.Document,
            nullable=False,
        ),
        sa.Column("begun_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("step IN ('times', 'details')", name=op.f("ck_booking_attempts_step")),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_booking_attempts_appointment_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_booking_attempts_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_attempts")),
        sa.UniqueConstraint(
            "organization_id",
            "attempt_id",
            name=op.f("uq_booking_attempts_organization_id_attempt_id"),
        ),
    )
    op.create_index(
        op.f("ix_booking_attempts_organization_id_updated_at"),
        "booking_attempts",
        ["organization_id", "updated_at"],
        unique=False,
    )
    protect(op, "appointments", "appointment_slots", "booking_attempts")


def downgrade():
    op.drop_table("booking_attempts")
    op.drop_table("appointment_slots")
    op.drop_table("appointments")
