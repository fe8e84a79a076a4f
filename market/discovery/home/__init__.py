"""The home page: what this is, a search, this season's picks, the map, the money, villages, an invitation."""
