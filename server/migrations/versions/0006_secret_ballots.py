"""The box of secret ballots, who is ready to vote, and choices of several options."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _box()
    op.create_table(
        "ballot_ready",
        sa.Column("ballot", sa.String(length=64), nullable=False),
        sa.Column("mandate", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("ballot", "mandate", name=op.f("pk_ballot_ready")),
    )
    with op.batch_alter_table("votes") as table:
        table.alter_column("choice", existing_type=sa.String(length=64), type_=sa.Text(), existing_nullable=False)


def _box() -> None:
    op.create_table(
        "ballot_voters",
        sa.Column("ballot", sa.String(length=64), nullable=False),
        sa.Column("mandate", sa.String(length=64), nullable=False),
        sa.Column("voted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("ballot", "mandate", name=op.f("pk_ballot_voters")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ballot_box",
        sa.Column("ballot", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=32), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ballot", "place", name=op.f("pk_ballot_box")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ballot_keys",
        sa.Column("ballot", sa.String(length=64), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("ballot", name=op.f("pk_ballot_keys")),
    )


def downgrade() -> None:
    with op.batch_alter_table("votes") as table:
        table.alter_column("choice", existing_type=sa.Text(), type_=sa.String(length=64), existing_nullable=False)
    for name in ("ballot_ready", "ballot_keys", "ballot_box", "ballot_voters"):
        op.drop_table(name)
