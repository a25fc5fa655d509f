"""Shared tablets on the seats of rooms, and the numbers people identify themselves with on them."""
