"""The lines of the sites: how each one fares, what is wrong with it, and what was found when it was tried."""
