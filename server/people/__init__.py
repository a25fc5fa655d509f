"""Who there is: the organisation, its people, their accounts, and who is at the door."""
