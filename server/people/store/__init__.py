"""The people room's SQL: who there is (`directory`), and who comes and goes (`door`)."""
