"""Borders of the programme to services outside."""
