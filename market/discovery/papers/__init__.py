"""The standing pages: what this is, the terms, and what is kept of people and why."""
