"""Room codecs of sites: which may call a meeting, which are called, and how their calls stand."""
