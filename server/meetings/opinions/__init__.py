"""What people think of the papers, in writing: opinions, and amendments to drafts. A stream of its own per meeting."""
