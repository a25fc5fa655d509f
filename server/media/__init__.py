"""The conference: sites, tracks, who receives what, and the forwarding of their packets."""
