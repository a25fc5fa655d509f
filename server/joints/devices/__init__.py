"""Devices of sites that have no browser: encoders that send by WHIP, players that watch by WHEP."""
