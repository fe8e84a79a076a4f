-- Hosts run their business: rights of co-hosts, reachable hours, prices of single nights, standing allotments,
-- consent of other houses, a look at first listings, village pools with turns, and acts in another's name.

-- Who may do what for a host: 'all', or some of calendar, requests, prices, money, coordinate; perhaps until a day.
ALTER TABLE membership ADD COLUMN rights TEXT NOT NULL DEFAULT 'all';
ALTER TABLE membership ADD COLUMN expires_at {{instant}};
CREATE TABLE host_invitation (
  id {{id}},
  organisation_id BIGINT NOT NULL REFERENCES organisation(id),
  email TEXT NOT NULL,
  rights TEXT NOT NULL,
  until_at {{instant}},
  token_hash TEXT NOT NULL UNIQUE,
  invited_by BIGINT NOT NULL REFERENCES person(id),
  created_at {{instant}} NOT NULL,
  expires_at {{instant}} NOT NULL,
  used_at {{instant}},
  revoked_at {{instant}}
);
CREATE INDEX host_invitation_organisation ON host_invitation (organisation_id, id);

-- When a host can be reached (WITA, '00:00' to '24:00' is always), and whether its first listing is looked at.
ALTER TABLE organisation ADD COLUMN reachable_from TEXT NOT NULL DEFAULT '00:00';
ALTER TABLE organisation ADD COLUMN reachable_to TEXT NOT NULL DEFAULT '24:00';
ALTER TABLE organisation ADD COLUMN needs_review BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE listing ADD COLUMN review TEXT NOT NULL DEFAULT '' CHECK (review IN ('','waiting','returned','approved'));
ALTER TABLE listing ADD COLUMN review_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX listing_review_waiting ON listing (id) WHERE review = 'waiting';
CREATE TABLE listing_review (
  id {{id}},
  listing_id BIGINT NOT NULL REFERENCES listing(id),
  decision TEXT NOT NULL CHECK (decision IN ('asked','approved','returned')),
  reason TEXT NOT NULL DEFAULT '',
  person_id BIGINT REFERENCES person(id),
  at {{instant}} NOT NULL,
  CHECK (decision <> 'returned' OR reason <> '')
);
CREATE INDEX listing_review_listing ON listing_review (listing_id, id);

-- Nights with a price of their own are few; pricing looks for them.
CREATE INDEX slot_own_price ON slot (listing_id, starts_on) WHERE kind = 'night' AND price_minor IS NOT NULL;

-- So many rooms (or seats of every session) that the platform may always sell at once, from a day to a day.
CREATE TABLE allotment (
  id {{id}},
  listing_id BIGINT NOT NULL REFERENCES listing(id) ON DELETE CASCADE,
  room_type_id BIGINT REFERENCES room_type(id) ON DELETE CASCADE,
  units INTEGER NOT NULL CHECK (units >= 1),
  from_on DATE NOT NULL,
  until_on DATE,
  created_by BIGINT REFERENCES person(id),
  created_at {{instant}} NOT NULL,
  withdrawn_by BIGINT REFERENCES person(id),
  withdrawn_at {{instant}},
  CHECK (until_on IS NULL OR until_on >= from_on),
  CHECK ((until_on IS NULL) = (withdrawn_at IS NULL))
);
CREATE INDEX allotment_listing ON allotment (listing_id);
CREATE INDEX allotment_room ON allotment (room_type_id) WHERE room_type_id IS NOT NULL;
CREATE UNIQUE INDEX allotment_standing ON allotment (listing_id, COALESCE(room_type_id, 0)) WHERE until_on IS NULL;

-- Another host's room as a tour's sleeping place: only with that host's yes.
CREATE TABLE sleep_consent (
  id {{id}},
  listing_id BIGINT NOT NULL REFERENCES listing(id) ON DELETE CASCADE,
  room_type_id BIGINT NOT NULL REFERENCES room_type(id) ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('asked','yes','no')),
  note TEXT NOT NULL DEFAULT '',
  asked_by BIGINT REFERENCES person(id),
  asked_at {{instant}} NOT NULL,
  answer TEXT NOT NULL DEFAULT '',
  answered_by BIGINT REFERENCES person(id),
  answered_at {{instant}},
  UNIQUE (listing_id, room_type_id),
  CHECK ((state = 'asked') = (answered_at IS NULL))
);
CREATE INDEX sleep_consent_room ON sleep_consent (room_type_id, state);

-- The village as a host: its listing is hosted by one family after the other, in their own rooms.
ALTER TABLE listing ADD COLUMN pooled BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE booking ADD COLUMN hosting_id BIGINT REFERENCES organisation(id);
CREATE INDEX booking_hosting ON booking (hosting_id, state, starts_on) WHERE hosting_id IS NOT NULL;
CREATE TABLE pool_member (
  id {{id}},
  listing_id BIGINT NOT NULL REFERENCES listing(id) ON DELETE CASCADE,
  host_id BIGINT NOT NULL REFERENCES organisation(id),
  room_type_id BIGINT NOT NULL REFERENCES room_type(id) ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('asked','active','left')),
  start_nights INTEGER NOT NULL DEFAULT 0 CHECK (start_nights >= 0),
  asked_at {{instant}} NOT NULL,
  joined_at {{instant}},
  left_at {{instant}},
  UNIQUE (listing_id, host_id)
);
CREATE INDEX pool_member_host ON pool_member (host_id);
CREATE INDEX pool_member_room ON pool_member (room_type_id);
-- Whose turn a booking is; the newest row holds. Rows are only ever added.
CREATE TABLE hosting_turn (
  id {{id}},
  booking_id BIGINT NOT NULL REFERENCES booking(id),
  listing_id BIGINT NOT NULL REFERENCES listing(id),
  host_id BIGINT NOT NULL REFERENCES organisation(id),
  room_type_id BIGINT NOT NULL,
  rooms INTEGER NOT NULL CHECK (rooms >= 1),
  nights INTEGER NOT NULL CHECK (nights >= 1),
  before_id BIGINT REFERENCES organisation(id),
  reason TEXT NOT NULL DEFAULT '',
  person_id BIGINT REFERENCES person(id),
  at {{instant}} NOT NULL,
  CHECK (before_id IS NULL OR reason <> '')
);
CREATE INDEX hosting_turn_booking ON hosting_turn (booking_id, id);
CREATE INDEX hosting_turn_listing ON hosting_turn (listing_id, id);
-- A family's agreement that its village's coordinators act for it, and what they did in its name.
CREATE TABLE coordination (
  id {{id}},
  village_org_id BIGINT NOT NULL REFERENCES organisation(id),
  host_id BIGINT NOT NULL REFERENCES organisation(id),
  agreed_by BIGINT NOT NULL REFERENCES person(id),
  agreed_at {{instant}} NOT NULL,
  ended_by BIGINT REFERENCES person(id),
  ended_at {{instant}}
);
CREATE UNIQUE INDEX coordination_one ON coordination (village_org_id, host_id) WHERE ended_at IS NULL;
CREATE INDEX coordination_host ON coordination (host_id) WHERE ended_at IS NULL;
CREATE TABLE host_act (
  id {{id}},
  host_id BIGINT NOT NULL REFERENCES organisation(id),
  village_org_id BIGINT NOT NULL REFERENCES organisation(id),
  person_id BIGINT NOT NULL REFERENCES person(id),
  name TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT '',
  at {{instant}} NOT NULL,
  CHECK (host_id <> village_org_id)
);
CREATE INDEX host_act_host ON host_act (host_id, id);
CREATE INDEX host_act_village ON host_act (village_org_id, id);

-- What must never change --------------------------------------------------------------------------------
-- @sqlite
CREATE TRIGGER host_act_no_update BEFORE UPDATE ON host_act BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER host_act_no_delete BEFORE DELETE ON host_act BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER hosting_turn_no_update BEFORE UPDATE ON hosting_turn BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER hosting_turn_no_delete BEFORE DELETE ON hosting_turn BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER listing_review_no_update BEFORE UPDATE ON listing_review BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER listing_review_no_delete BEFORE DELETE ON listing_review BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- @postgres
CREATE TRIGGER host_act_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON host_act
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER hosting_turn_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hosting_turn
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER listing_review_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON listing_review
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- @end
