"""The registry of sites: the rooms of the province that can join conferences, and whom to call there."""
