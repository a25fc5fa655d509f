"""The demo: an invented province, its people, its sites and today's meeting with real papers."""
