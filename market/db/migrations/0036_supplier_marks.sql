-- Where a supplier is and by which account it is paid, to see whether hotel and supplier are the same people. The street
-- is shown to nobody but its keepers; of the account only keyed hashes are kept, as of the hotel's.
ALTER TABLE supplier ADD COLUMN street TEXT NOT NULL DEFAULT '';
ALTER TABLE supplier ADD COLUMN account_keys TEXT NOT NULL DEFAULT '';
