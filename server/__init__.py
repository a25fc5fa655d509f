"""Họp Số: paperless meeting rooms and multi-site video conferences."""
