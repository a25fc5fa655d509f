"""How the tables came to be, step by step; the same for SQLite and PostgreSQL."""
