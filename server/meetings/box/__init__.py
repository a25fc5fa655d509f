"""The box of a secret ballot: its rows and its keys."""
