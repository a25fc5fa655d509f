"""The meeting itself: agenda, pages on screen, floor, votes, attendance."""
