"""Papers somebody keeps for themselves: a shelf of their own, whose papers nobody else is shown or told of."""
