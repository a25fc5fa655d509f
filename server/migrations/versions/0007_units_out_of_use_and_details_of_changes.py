"""Units out of use, and what was changed in the record of the door."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("units", sa.Column("retired", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("sign_ins", sa.Column("details", sa.Text(), server_default=sa.text("''"), nullable=False))
    with op.batch_alter_table("sign_ins") as table:
        table.create_index("ix_sign_ins_at", ["at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("sign_ins") as table:
        table.drop_index("ix_sign_ins_at")
        table.drop_column("details")
    with op.batch_alter_table("units") as table:
        table.drop_column("retired")
