-- Money that leaves: disputes that hold it back, hosts' bank details, payout batches that two people approve,
-- and what villages spend from their funds. What was decided is only ever added.
CREATE TABLE dispute (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('card','complaint')),
  booking_reference TEXT NOT NULL,
  provider_ref TEXT UNIQUE,
  charge_ref TEXT NOT NULL DEFAULT '',
  amount_minor BIGINT NOT NULL DEFAULT 0 CHECK (amount_minor >= 0),
  state TEXT NOT NULL CHECK (state IN ('open','won','lost','closed')),
  opened_by TEXT NOT NULL CHECK (opened_by IN ('guest','host','card','operator')),
  person_id BIGINT REFERENCES person(id),
  body TEXT NOT NULL DEFAULT '',
  outcome TEXT NOT NULL DEFAULT '' CHECK (outcome IN ('','released','refunded','won','platform_bears','host_bears')),
  refund_minor BIGINT NOT NULL DEFAULT 0 CHECK (refund_minor >= 0),
  reason TEXT NOT NULL DEFAULT '',
  closed_by BIGINT REFERENCES person(id),
  opened_at {{instant}} NOT NULL,
  closed_at {{instant}},
  CHECK ((closed_at IS NULL) = (outcome = ''))
);
CREATE INDEX dispute_booking ON dispute (booking_reference);
CREATE INDEX dispute_unplaced ON dispute (charge_ref) WHERE booking_reference = '';
CREATE UNIQUE INDEX dispute_one_complaint ON dispute (booking_reference) WHERE kind = 'complaint' AND closed_at IS NULL;
CREATE INDEX dispute_open ON dispute (opened_at) WHERE closed_at IS NULL;

-- Where a host wants to be paid. The newest row counts, from `usable_from` on; rows never change. The account
-- itself is sealed in a table of its own, so that it can be sealed anew with a newer key, and destroyed.
CREATE TABLE payout_account (
  id {{id}},
  organisation_id BIGINT NOT NULL REFERENCES organisation(id),
  way TEXT NOT NULL CHECK (way IN ('bank','stripe')),
  bank TEXT NOT NULL DEFAULT '',
  masked TEXT NOT NULL,
  entered_by BIGINT NOT NULL REFERENCES person(id),
  entered_at {{instant}} NOT NULL,
  usable_from {{instant}} NOT NULL,
  CHECK (usable_from >= entered_at)
);
CREATE INDEX payout_account_organisation ON payout_account (organisation_id, id);
CREATE TABLE payout_account_secret (
  account_id BIGINT PRIMARY KEY REFERENCES payout_account(id),
  sealed TEXT NOT NULL
);

CREATE TABLE payout_batch (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('proposed','approved','declined')),
  proposed_by BIGINT NOT NULL REFERENCES person(id),
  proposed_at {{instant}} NOT NULL,
  approved_by BIGINT REFERENCES person(id),
  approved_at {{instant}},
  declined_by BIGINT REFERENCES person(id),
  declined_at {{instant}},
  CHECK (approved_by <> proposed_by),
  CHECK ((state = 'approved') = (approved_by IS NOT NULL)),
  CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  CHECK ((state = 'declined') = (declined_at IS NOT NULL))
);
CREATE INDEX payout_batch_state ON payout_batch (state, id);
CREATE TABLE payout (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  batch_id BIGINT NOT NULL REFERENCES payout_batch(id),
  organisation_id BIGINT NOT NULL REFERENCES organisation(id),
  account_id BIGINT NOT NULL REFERENCES payout_account(id),
  way TEXT NOT NULL CHECK (way IN ('bank','stripe')),
  state TEXT NOT NULL CHECK (state IN ('proposed','in_transit','paid','bounced','declined')),
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  netted_minor BIGINT NOT NULL DEFAULT 0 CHECK (netted_minor >= 0),
  bank_reference TEXT NOT NULL DEFAULT '',
  problem TEXT NOT NULL DEFAULT '',
  created_at {{instant}} NOT NULL,
  updated_at {{instant}} NOT NULL
);
CREATE INDEX payout_batch_id ON payout (batch_id);
CREATE INDEX payout_organisation ON payout (organisation_id, id);
CREATE INDEX payout_state ON payout (state);
-- A booking's money inside a payout. While `live`, no other payout can hold the same booking.
CREATE TABLE payout_item (
  id {{id}},
  payout_id BIGINT NOT NULL REFERENCES payout(id),
  booking_reference TEXT NOT NULL,
  host_minor BIGINT NOT NULL CHECK (host_minor >= 0),
  guide_minor BIGINT NOT NULL CHECK (guide_minor >= 0),
  netted_minor BIGINT NOT NULL DEFAULT 0 CHECK (netted_minor >= 0),
  live BOOLEAN NOT NULL,
  CHECK (netted_minor <= host_minor + guide_minor)
);
CREATE UNIQUE INDEX payout_item_live ON payout_item (booking_reference) WHERE live;
CREATE INDEX payout_item_payout ON payout_item (payout_id);
CREATE INDEX payout_item_booking ON payout_item (booking_reference);
CREATE TABLE payout_event (
  id {{id}},
  batch_id BIGINT NOT NULL REFERENCES payout_batch(id),
  payout_id BIGINT REFERENCES payout(id),
  name TEXT NOT NULL,
  person_id BIGINT REFERENCES person(id),
  note TEXT NOT NULL DEFAULT '',
  at {{instant}} NOT NULL
);
CREATE INDEX payout_event_batch ON payout_event (batch_id, id);

-- Who may spend a village's fund, and what was spent. A line counts once a second member signed it.
CREATE TABLE fund_member (
  id {{id}},
  village_id BIGINT NOT NULL REFERENCES village(id),
  person_id BIGINT NOT NULL REFERENCES person(id),
  appointed_by BIGINT REFERENCES person(id),
  appointed_at {{instant}} NOT NULL,
  ended_by BIGINT REFERENCES person(id),
  ended_at {{instant}}
);
CREATE UNIQUE INDEX fund_member_once ON fund_member (village_id, person_id) WHERE ended_at IS NULL;
CREATE INDEX fund_member_person ON fund_member (person_id);
CREATE TABLE fund_spending (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  village_id BIGINT NOT NULL REFERENCES village(id),
  state TEXT NOT NULL CHECK (state IN ('proposed','signed','withdrawn')),
  spent_on DATE NOT NULL,
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  purpose TEXT NOT NULL,
  receipt TEXT NOT NULL DEFAULT '',
  proposed_by BIGINT NOT NULL REFERENCES person(id),
  proposed_at {{instant}} NOT NULL,
  signed_by BIGINT REFERENCES person(id),
  signed_at {{instant}},
  withdrawn_by BIGINT REFERENCES person(id),
  withdrawn_at {{instant}},
  CHECK (signed_by <> proposed_by),
  CHECK ((state = 'signed') = (signed_by IS NOT NULL)),
  CHECK ((signed_by IS NULL) = (signed_at IS NULL)),
  CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL))
);
CREATE INDEX fund_spending_village ON fund_spending (village_id, state, spent_on);

-- @sqlite
CREATE TRIGGER payout_account_no_update BEFORE UPDATE ON payout_account BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER payout_account_no_delete BEFORE DELETE ON payout_account BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER payout_event_no_update BEFORE UPDATE ON payout_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER payout_event_no_delete BEFORE DELETE ON payout_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER fund_spending_signed BEFORE UPDATE ON fund_spending WHEN OLD.state <> 'proposed' BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER fund_spending_no_delete BEFORE DELETE ON fund_spending BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- @postgres
CREATE TRIGGER payout_account_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_account
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fund_spending_signed BEFORE UPDATE ON fund_spending
  FOR EACH ROW WHEN (OLD.state <> 'proposed') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fund_spending_no_delete BEFORE DELETE OR TRUNCATE ON fund_spending
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- @end
