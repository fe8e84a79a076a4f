"""Calendars of other sites, both ways: what we tell them about a room, and what they tell us.

`ics` reads and `feeds` writes the files; `syncing` turns what was read into stock; `adapters.fetching` is the only
part that talks to the network. The host's page is the console's.
"""
