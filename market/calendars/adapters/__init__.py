"""What leaves the house: fetching the addresses that hosts link."""
