"""Searching the papers of all meetings, each for whom they are."""
