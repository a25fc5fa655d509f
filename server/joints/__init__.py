"""Where rooms meet: each file translates the meeting into the words of one other room. Part of the hall."""
