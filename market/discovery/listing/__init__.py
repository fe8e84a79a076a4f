"""One listing's page: its facts (`queries`), nights (`calendar`), starts and price (`booking_box`), its story."""
