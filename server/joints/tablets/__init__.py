"""Who may sit down at a shared tablet: what the seat's meeting says, and what becomes of it when that is over."""
