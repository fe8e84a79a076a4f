"""What the city publishes: the programme's page, its claims, and open data as OCDS packages and CSV."""
