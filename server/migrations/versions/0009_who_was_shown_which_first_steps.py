"""Who was shown which first steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tours_shown",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("tour", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("person", "tour", name=op.f("pk_tours_shown")),
    )


def downgrade() -> None:
    op.drop_table("tours_shown")
