"""The web floor: requests, forms, guards, rendering, problems, static files. Knows no feature."""
