"""Who has opened which paper, and how far they got."""
