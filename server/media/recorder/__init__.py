"""Recording: one more receiver of a conference, in a process of its own; nothing is decoded, nothing coded again."""
