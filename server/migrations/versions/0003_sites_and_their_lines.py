"""Sites that are registered, and their lines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _sites()
    _readings()
    _tests_and_orders()


def _sites() -> None:
    op.create_table(
        "registered_sites",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short", sa.Text(), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("main", sa.Boolean(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("technician", sa.String(length=64), nullable=False),
        sa.Column("technician_name", sa.Text(), nullable=False),
        sa.Column("telephones", sa.Text(), nullable=False),
        sa.Column("spare_line", sa.String(length=64), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("equipment", sa.Text(), nullable=False),
        sa.Column("codec", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registered_sites")),
    )
    op.create_index(op.f("ix_registered_sites_unit"), "registered_sites", ["unit"])


def _readings() -> None:
    op.create_table(
        "line_readings",
        sa.Column("conference", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("up_loss", sa.Integer(), nullable=False),
        sa.Column("down_loss", sa.Integer(), nullable=False),
        sa.Column("rtt_ms", sa.Integer(), nullable=False),
        sa.Column("up_bps", sa.BigInteger(), nullable=False),
        sa.Column("down_bps", sa.BigInteger(), nullable=False),
        sa.Column("alarms", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("conference", "site", "at", name=op.f("pk_line_readings")),
    )


def _tests_and_orders() -> None:
    op.create_table(
        "line_tests",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("conference", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("test", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_tests")),
    )
    op.create_index("ix_line_tests_conference", "line_tests", ["conference"])
    op.create_table(
        "line_orders",
        sa.Column("conference", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("audio_only", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("conference", "site", name=op.f("pk_line_orders")),
    )


def downgrade() -> None:
    for table in ("line_orders", "line_tests", "line_readings", "registered_sites"):
        op.drop_table(table)
