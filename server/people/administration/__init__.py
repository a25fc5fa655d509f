"""Quản trị: people, units and offices as administrators change them, every change with a trace."""
