"""A village's page: who hosts there, what can be booked, and what its fund has received."""
