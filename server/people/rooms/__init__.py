"""The register of rooms: where meetings sit, and how each room is furnished."""
