"""Claims for the local sourcing incentive: rule versions, the local share, decisions, lots, certificates."""
