"""The technician's joint: the meeting's sites, their lines as media observes them, and what may be done about them."""
