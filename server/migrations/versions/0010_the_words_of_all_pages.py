"""The words of all papers' pages, and their index: FTS5 in SQLite, vectors with GIN in PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FTS5 = "CREATE VIRTUAL TABLE page_index USING fts5(bare, spelled, content='', tokenize='unicode61 remove_diacritics 0')"
VECTORS = (
    "CREATE TABLE page_index (number INTEGER NOT NULL, page INTEGER NOT NULL, bare TSVECTOR NOT NULL, "
    "spelled TSVECTOR NOT NULL, CONSTRAINT pk_page_index PRIMARY KEY (number, page))",
    "CREATE INDEX ix_page_index_bare ON page_index USING gin (bare)",
    "CREATE INDEX ix_page_index_spelled ON page_index USING gin (spelled)",
)


def upgrade() -> None:
    op.create_table(
        "read_versions",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_read_versions")),
        sa.UniqueConstraint("version", name=op.f("uq_read_versions_version")),
    )
    op.create_table(
        "page_words",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("page", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", "page", name=op.f("pk_page_words")),
    )
    for statement in (FTS5,) if op.get_bind().dialect.name == "sqlite" else VECTORS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE page_index")
    op.drop_table("page_words")
    op.drop_table("read_versions")
