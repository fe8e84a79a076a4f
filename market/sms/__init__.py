"""Hosts run their business by SMS: stateless commands with a code, one answer each (docs/adr/0013)."""
