"""The two ways messages leave and arrive: Gammu SMSD with a SIM card, and a signed HTTP gateway."""
