"""One file for each card provider; `port.build_card_provider` chooses."""
