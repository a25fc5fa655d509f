"""What a meeting leaves behind: the minutes, their exports, and the kit for going on without electricity."""
