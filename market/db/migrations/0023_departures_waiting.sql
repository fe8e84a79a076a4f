-- What became of each departure that needs a minimum of guests: once, at D-7 or by the host before, for good.
CREATE TABLE departure_decision (
  id {{id}},
  slot_id BIGINT NOT NULL UNIQUE REFERENCES slot(id),
  outcome TEXT NOT NULL CHECK (outcome IN ('guaranteed','waived','called_off')),
  guests INTEGER NOT NULL CHECK (guests >= 0),
  needed INTEGER NOT NULL CHECK (needed >= 1),
  person_id BIGINT REFERENCES person(id),
  at {{instant}} NOT NULL,
  CHECK (outcome <> 'guaranteed' OR guests >= needed),
  CHECK (outcome <> 'called_off' OR guests < needed)
);
CREATE INDEX slot_undecided ON slot (starts_on)
  WHERE kind = 'departure' AND min_guests > 1 AND status IN ('open','closed');

-- Who waits for a place of what is sold out. The rank is the id; a name and an address only while they are needed.
CREATE TABLE waiting_entry (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  listing_id BIGINT NOT NULL REFERENCES listing(id),
  slot_id BIGINT REFERENCES slot(id),
  room_type_id BIGINT REFERENCES room_type(id),
  rooms INTEGER NOT NULL DEFAULT 0 CHECK (rooms >= 0),
  starts_on DATE NOT NULL,
  ends_on DATE NOT NULL,
  starts_at {{instant}} NOT NULL,
  cutoff_at {{instant}} NOT NULL,
  adults INTEGER NOT NULL CHECK (adults >= 1),
  children INTEGER NOT NULL DEFAULT 0 CHECK (children >= 0),
  infants INTEGER NOT NULL DEFAULT 0 CHECK (infants >= 0),
  extras {{json}} NOT NULL,
  person_id BIGINT REFERENCES person(id),
  name TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  locale TEXT NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('unconfirmed','waiting','offered','taken','missed','left','ended')),
  booking_id BIGINT REFERENCES booking(id),
  joined_at {{instant}} NOT NULL,
  offered_at {{instant}},
  closed_at {{instant}},
  CHECK ((slot_id IS NULL) <> (room_type_id IS NULL)),
  CHECK ((room_type_id IS NULL) = (rooms = 0)),
  CHECK (state NOT IN ('offered','taken') OR booking_id IS NOT NULL)
);
CREATE INDEX waiting_entry_listing ON waiting_entry (listing_id, state, id);
CREATE INDEX waiting_entry_ends ON waiting_entry (state, cutoff_at);
CREATE INDEX waiting_entry_person ON waiting_entry (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX waiting_entry_named ON waiting_entry (starts_at) WHERE email <> '';
CREATE UNIQUE INDEX waiting_entry_booking ON waiting_entry (booking_id) WHERE booking_id IS NOT NULL;
CREATE UNIQUE INDEX waiting_entry_start_once ON waiting_entry (slot_id, email)
  WHERE slot_id IS NOT NULL AND state IN ('unconfirmed','waiting','offered');
CREATE UNIQUE INDEX waiting_entry_nights_once ON waiting_entry (room_type_id, starts_on, ends_on, email)
  WHERE room_type_id IS NOT NULL AND state IN ('unconfirmed','waiting','offered');

-- @sqlite
CREATE TRIGGER departure_decision_no_update BEFORE UPDATE ON departure_decision BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER departure_decision_no_delete BEFORE DELETE ON departure_decision BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- @postgres
CREATE TRIGGER departure_decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON departure_decision
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- @end
