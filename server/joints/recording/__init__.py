"""The meeting as it is recorded, and as it is seen again: its log beside the files."""
