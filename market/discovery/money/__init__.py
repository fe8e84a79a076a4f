"""Where the money goes: the usual split with a worked example, and what the ledger says has gone where."""
