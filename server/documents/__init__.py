"""Papers: receive, convert, protect, render, annotate."""
