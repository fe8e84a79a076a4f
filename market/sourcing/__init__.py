"""What hotels buy: the purchase ledger, its evidence, imports, and the suppliers' answers."""
