"""Opinions and amendments beyond the meeting: the drafts they are about, the tables and the minutes they end up in."""
