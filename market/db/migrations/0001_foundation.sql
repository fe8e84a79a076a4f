-- The marketplace's tables. One text serves SQLite and PostgreSQL: {{id}}, {{instant}} and {{json}} are
-- replaced by the database's own types, and @sqlite / @postgres blocks hold what truly differs.
-- Capacity, balance and append-only rules live here, in the database, not only in Python.

-- Places ------------------------------------------------------------------------------------------------
CREATE TABLE village (
  id {{id}},
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  code TEXT NOT NULL,
  island TEXT NOT NULL,
  region TEXT NOT NULL,
  lat DOUBLE PRECISION NOT NULL,
  lon DOUBLE PRECISION NOT NULL,
  fund_bp INTEGER NOT NULL DEFAULT 500 CHECK (fund_bp BETWEEN 0 AND 3000),
  texts {{json}} NOT NULL
);

-- Accounts ----------------------------------------------------------------------------------------------
CREATE TABLE person (
  id {{id}},
  email TEXT UNIQUE,
  name TEXT NOT NULL,
  phone TEXT NOT NULL DEFAULT '',
  password_hash TEXT,
  totp_secret TEXT,
  locale TEXT NOT NULL DEFAULT 'id',
  created_at {{instant}} NOT NULL,
  verified_at {{instant}},
  deleted_at {{instant}}
);
CREATE TABLE organisation (
  id {{id}},
  kind TEXT NOT NULL CHECK (kind IN ('host','supplier','hotel','village','office')),
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  village_id BIGINT REFERENCES village(id),
  phone TEXT NOT NULL DEFAULT '',
  since INTEGER,
  answers_hours INTEGER NOT NULL DEFAULT 12,
  languages TEXT NOT NULL DEFAULT 'id',
  texts {{json}} NOT NULL,
  created_at {{instant}} NOT NULL
);
CREATE TABLE membership (
  id {{id}},
  person_id BIGINT NOT NULL REFERENCES person(id),
  organisation_id BIGINT REFERENCES organisation(id),
  role TEXT NOT NULL CHECK (role IN ('host','supplier','hotel','officer','operator','administrator')),
  created_at {{instant}} NOT NULL
);
CREATE UNIQUE INDEX membership_once ON membership (person_id, role, COALESCE(organisation_id, 0));
CREATE INDEX membership_organisation ON membership (organisation_id);
CREATE TABLE web_session (
  token_hash TEXT PRIMARY KEY,
  person_id BIGINT NOT NULL REFERENCES person(id),
  created_at {{instant}} NOT NULL,
  seen_at {{instant}} NOT NULL,
  expires_at {{instant}} NOT NULL,
  stepped_up_at {{instant}}
);
CREATE INDEX web_session_person ON web_session (person_id);
CREATE TABLE one_time_token (
  token_hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('sign_in','reset','verify')),
  email TEXT NOT NULL,
  next_path TEXT NOT NULL DEFAULT '',
  created_at {{instant}} NOT NULL,
  expires_at {{instant}} NOT NULL,
  used_at {{instant}}
);
CREATE TABLE attempt (
  id {{id}},
  key TEXT NOT NULL,
  at {{instant}} NOT NULL
);
CREATE INDEX attempt_key ON attempt (key, at);

-- Listings and inventory --------------------------------------------------------------------------------
CREATE TABLE listing (
  id {{id}},
  slug TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('tour','homestay','lesson')),
  status TEXT NOT NULL CHECK (status IN ('draft','published','paused')),
  host_id BIGINT NOT NULL REFERENCES organisation(id),
  village_id BIGINT NOT NULL REFERENCES village(id),
  island TEXT NOT NULL,
  kabupaten TEXT NOT NULL,
  region TEXT NOT NULL,
  emblem TEXT NOT NULL,
  instant BOOLEAN NOT NULL,
  policy TEXT NOT NULL,
  min_party INTEGER NOT NULL CHECK (min_party >= 1),
  max_party INTEGER NOT NULL,
  min_guests INTEGER NOT NULL DEFAULT 1,
  capacity INTEGER NOT NULL DEFAULT 0,
  notice_hours INTEGER NOT NULL DEFAULT 0,
  cutoff_hours INTEGER NOT NULL DEFAULT 0,
  days INTEGER NOT NULL DEFAULT 1,
  minutes INTEGER NOT NULL DEFAULT 0,
  start_time TEXT NOT NULL DEFAULT '09:00',
  min_nights INTEGER NOT NULL DEFAULT 1,
  max_nights INTEGER NOT NULL DEFAULT 28,
  price_minor BIGINT NOT NULL CHECK (price_minor > 0),
  shown_price_minor BIGINT NOT NULL CHECK (shown_price_minor > 0),
  currency TEXT NOT NULL DEFAULT 'IDR',
  service_fee_bp INTEGER NOT NULL DEFAULT 500,
  fund_bp INTEGER NOT NULL DEFAULT 500,
  bands {{json}} NOT NULL,
  group_prices {{json}} NOT NULL,
  weekday_percent {{json}} NOT NULL,
  lat DOUBLE PRECISION NOT NULL,
  lon DOUBLE PRECISION NOT NULL,
  address TEXT NOT NULL DEFAULT '',
  rating_sum INTEGER NOT NULL DEFAULT 0,
  rating_count INTEGER NOT NULL DEFAULT 0,
  rank INTEGER NOT NULL DEFAULT 0,
  created_at {{instant}} NOT NULL,
  updated_at {{instant}} NOT NULL,
  CHECK (max_party >= min_party),
  CHECK (max_nights >= min_nights)
);
CREATE INDEX listing_rank ON listing (status, rank, id);
CREATE INDEX listing_kind_rank ON listing (status, kind, rank, id);
CREATE INDEX listing_island_rank ON listing (status, island, rank, id);
CREATE INDEX listing_price ON listing (status, shown_price_minor, id);
CREATE INDEX listing_host ON listing (host_id);
CREATE INDEX listing_village ON listing (village_id);
CREATE TABLE listing_text (
  listing_id BIGINT NOT NULL REFERENCES listing(id) ON DELETE CASCADE,
  locale TEXT NOT NULL,
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  body TEXT NOT NULL,
  access TEXT NOT NULL DEFAULT '',
  included {{json}} NOT NULL,
  excluded {{json}} NOT NULL,
  manners {{json}} NOT NULL,
  PRIMARY KEY (listing_id, locale)
);
CREATE TABLE listing_language (
  listing_id BIGINT NOT NULL REFERENCES listing(id) ON DELETE CASCADE,
  language TEXT NOT NULL,
  PRIMARY KEY (listing_id, language)
);
CREATE INDEX listing_language_by ON listing_language (language, listing_id);
CREATE TABLE listing_theme (
  listing_id BIGINT NOT NULL REFERENCES listing(id) ON DELETE CASCADE,
  theme TEXT NOT NULL,
  PRIMARY KEY (listing_id, theme)
);
CREATE INDEX listing_theme_by ON listing_theme (theme, listing_id);
-- The words of both languages' texts, for search that forgives spelling on any database.
CREATE TABLE listing_word (
  word TEXT NOT NULL,
  rank INTEGER NOT NULL,
  listing_id BIGINT NOT NULL REFERENCES listing(id) ON DELETE CASCADE,
  PRIMARY KEY (word, rank, listing_id)
);
CREATE INDEX listing_word_listing ON listing_word (listing_id);
CREATE TABLE listing_step (
  id {{id}},
  listing_id BIGINT NOT NULL REFERENCES listing(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  room_type_id BIGINT,
  meals {{json}} NOT NULL,
  texts {{json}} NOT NULL
);
CREATE INDEX listing_step_listing ON listing_step (listing_id, position);
CREATE TABLE room_type (
  id {{id}},
  listing_id BIGINT NOT NULL REFERENCES listing(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  key TEXT NOT NULL,
  count INTEGER NOT NULL CHECK (count >= 0),
  sleeps INTEGER NOT NULL CHECK (sleeps >= 1),
  price_minor BIGINT NOT NULL CHECK (price_minor > 0),
  texts {{json}} NOT NULL,
  UNIQUE (listing_id, key)
);
CREATE TABLE season (
  id {{id}},
  listing_id BIGINT NOT NULL REFERENCES listing(id) ON DELETE CASCADE,
  from_md TEXT NOT NULL,
  to_md TEXT NOT NULL,
  percent INTEGER NOT NULL CHECK (percent BETWEEN 10 AND 1000),
  texts {{json}} NOT NULL
);
CREATE INDEX season_listing ON season (listing_id);
CREATE TABLE extra (
  id {{id}},
  listing_id BIGINT NOT NULL REFERENCES listing(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  key TEXT NOT NULL,
  price_minor BIGINT NOT NULL CHECK (price_minor >= 0),
  per TEXT NOT NULL CHECK (per IN ('person','booking','night','person_night')),
  texts {{json}} NOT NULL,
  UNIQUE (listing_id, key)
);
CREATE TABLE payee (
  id {{id}},
  listing_id BIGINT NOT NULL REFERENCES listing(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('guide','materials')),
  bp INTEGER NOT NULL CHECK (bp BETWEEN 1 AND 9000),
  texts {{json}} NOT NULL
);
CREATE INDEX payee_listing ON payee (listing_id, position);
CREATE TABLE closure (
  id {{id}},
  listing_id BIGINT NOT NULL REFERENCES listing(id) ON DELETE CASCADE,
  from_on DATE NOT NULL,
  to_on DATE NOT NULL,
  texts {{json}} NOT NULL,
  CHECK (to_on >= from_on)
);
CREATE INDEX closure_listing ON closure (listing_id, from_on);
CREATE TABLE slot (
  id {{id}},
  kind TEXT NOT NULL CHECK (kind IN ('night','departure','session')),
  listing_id BIGINT NOT NULL REFERENCES listing(id),
  room_type_id BIGINT REFERENCES room_type(id),
  starts_on DATE NOT NULL,
  ends_on DATE NOT NULL,
  starts_at {{instant}} NOT NULL,
  ends_at {{instant}} NOT NULL,
  book_until {{instant}} NOT NULL,
  capacity INTEGER NOT NULL CHECK (capacity >= 0),
  held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
  confirmed INTEGER NOT NULL DEFAULT 0 CHECK (confirmed >= 0),
  blocked INTEGER NOT NULL DEFAULT 0 CHECK (blocked >= 0),
  price_minor BIGINT CHECK (price_minor IS NULL OR price_minor > 0),
  min_guests INTEGER NOT NULL DEFAULT 1,
  status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open','guaranteed','called_off','closed')),
  CHECK (held + confirmed + blocked <= capacity),
  CHECK ((kind = 'night') = (room_type_id IS NOT NULL))
);
CREATE UNIQUE INDEX slot_night ON slot (room_type_id, starts_on) WHERE kind = 'night';
CREATE UNIQUE INDEX slot_start ON slot (listing_id, starts_at) WHERE kind <> 'night';
CREATE INDEX slot_listing ON slot (listing_id, starts_on);
-- The homestay nights a departure sleeps in: taken together with its seats.
CREATE TABLE departure_night (
  slot_id BIGINT NOT NULL REFERENCES slot(id) ON DELETE CASCADE,
  room_type_id BIGINT NOT NULL REFERENCES room_type(id),
  night_on DATE NOT NULL,
  PRIMARY KEY (slot_id, night_on)
);

-- Media -------------------------------------------------------------------------------------------------
CREATE TABLE photo (
  id {{id}},
  listing_id BIGINT NOT NULL REFERENCES listing(id) ON DELETE CASCADE,
  position INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL CHECK (state IN ('waiting','working','ready','failed')),
  progress INTEGER NOT NULL DEFAULT 0,
  original_key TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  width INTEGER NOT NULL DEFAULT 0,
  height INTEGER NOT NULL DEFAULT 0,
  colour TEXT NOT NULL DEFAULT '',
  placeholder TEXT NOT NULL DEFAULT '',
  variants {{json}} NOT NULL,
  texts {{json}} NOT NULL,
  problem TEXT NOT NULL DEFAULT '',
  created_at {{instant}} NOT NULL
);
CREATE INDEX photo_listing ON photo (listing_id, position);

-- Bookings ----------------------------------------------------------------------------------------------
CREATE TABLE booking (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  request_key TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  kind TEXT NOT NULL,
  listing_id BIGINT NOT NULL REFERENCES listing(id),
  host_id BIGINT NOT NULL REFERENCES organisation(id),
  person_id BIGINT REFERENCES person(id),
  slot_id BIGINT REFERENCES slot(id),
  locale TEXT NOT NULL,
  starts_on DATE NOT NULL,
  ends_on DATE NOT NULL,
  starts_at {{instant}} NOT NULL,
  ends_at {{instant}} NOT NULL,
  cutoff_at {{instant}} NOT NULL,
  adults INTEGER NOT NULL CHECK (adults >= 1),
  children INTEGER NOT NULL DEFAULT 0 CHECK (children >= 0),
  infants INTEGER NOT NULL DEFAULT 0 CHECK (infants >= 0),
  instant BOOLEAN NOT NULL,
  method TEXT NOT NULL DEFAULT '',
  guest_name TEXT NOT NULL DEFAULT '',
  guest_email TEXT NOT NULL DEFAULT '',
  guest_phone TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  currency TEXT NOT NULL,
  total_minor BIGINT NOT NULL CHECK (total_minor > 0),
  paid_minor BIGINT NOT NULL DEFAULT 0 CHECK (paid_minor >= 0),
  refunded_minor BIGINT NOT NULL DEFAULT 0 CHECK (refunded_minor >= 0),
  offer {{json}} NOT NULL,
  held_at {{instant}} NOT NULL,
  expires_at {{instant}},
  deadline_at {{instant}},
  confirmed_at {{instant}},
  closed_at {{instant}},
  created_at {{instant}} NOT NULL,
  updated_at {{instant}} NOT NULL,
  CHECK (refunded_minor <= paid_minor)
);
CREATE INDEX booking_person ON booking (person_id, starts_on);
CREATE INDEX booking_email ON booking (guest_email);
CREATE INDEX booking_host ON booking (host_id, state, starts_on);
CREATE INDEX booking_state_expires ON booking (state, expires_at);
CREATE INDEX booking_state_deadline ON booking (state, deadline_at);
CREATE TABLE amendment (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  booking_id BIGINT NOT NULL REFERENCES booking(id),
  state TEXT NOT NULL CHECK (state IN ('held','applied','abandoned')),
  slot_id BIGINT REFERENCES slot(id),
  starts_on DATE NOT NULL,
  ends_on DATE NOT NULL,
  starts_at {{instant}} NOT NULL,
  ends_at {{instant}} NOT NULL,
  cutoff_at {{instant}} NOT NULL,
  adults INTEGER NOT NULL,
  children INTEGER NOT NULL,
  infants INTEGER NOT NULL,
  total_minor BIGINT NOT NULL,
  difference_minor BIGINT NOT NULL,
  refund_minor BIGINT NOT NULL DEFAULT 0,
  offer {{json}} NOT NULL,
  expires_at {{instant}} NOT NULL,
  created_at {{instant}} NOT NULL
);
CREATE INDEX amendment_booking ON amendment (booking_id, state);
CREATE TABLE allocation (
  id {{id}},
  booking_id BIGINT NOT NULL REFERENCES booking(id),
  amendment_id BIGINT REFERENCES amendment(id),
  slot_id BIGINT NOT NULL REFERENCES slot(id),
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  state TEXT NOT NULL CHECK (state IN ('held','confirmed','released')),
  expires_at {{instant}}
);
CREATE INDEX allocation_booking ON allocation (booking_id);
CREATE INDEX allocation_held ON allocation (slot_id, expires_at) WHERE state = 'held';
CREATE INDEX allocation_live ON allocation (slot_id) WHERE state <> 'released';
CREATE TABLE booking_event (
  id {{id}},
  booking_id BIGINT NOT NULL REFERENCES booking(id),
  name TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  actor TEXT NOT NULL,
  person_id BIGINT,
  reason TEXT NOT NULL DEFAULT '',
  key TEXT UNIQUE,
  at {{instant}} NOT NULL
);
CREATE INDEX booking_event_booking ON booking_event (booking_id, id);

-- Payments and the ledger -------------------------------------------------------------------------------
CREATE TABLE payment (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  booking_reference TEXT NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ('booking','amendment')),
  subject TEXT NOT NULL,
  method TEXT NOT NULL CHECK (method IN ('card','transfer','on_arrival','demo_card')),
  state TEXT NOT NULL CHECK (state IN ('created','pending','authorised','captured','failed','cancelled')),
  capture_later BOOLEAN NOT NULL DEFAULT FALSE,
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  currency TEXT NOT NULL,
  captured_minor BIGINT NOT NULL DEFAULT 0,
  refunded_minor BIGINT NOT NULL DEFAULT 0,
  transfer_code TEXT UNIQUE,
  session_ref TEXT,
  provider_ref TEXT,
  url TEXT NOT NULL DEFAULT '',
  expires_at {{instant}},
  created_at {{instant}} NOT NULL,
  updated_at {{instant}} NOT NULL,
  CHECK (captured_minor <= amount_minor),
  CHECK (refunded_minor <= captured_minor)
);
CREATE INDEX payment_booking ON payment (booking_reference);
CREATE INDEX payment_provider ON payment (provider_ref);
CREATE INDEX payment_session ON payment (session_ref);
CREATE INDEX payment_state ON payment (state, updated_at);
CREATE TABLE refund (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  booking_reference TEXT NOT NULL,
  payment_id BIGINT NOT NULL REFERENCES payment(id),
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  currency TEXT NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('due','sent','confirmed','failed')),
  provider_ref TEXT,
  bank_account TEXT NOT NULL DEFAULT '',
  created_at {{instant}} NOT NULL,
  updated_at {{instant}} NOT NULL
);
CREATE INDEX refund_booking ON refund (booking_reference);
CREATE INDEX refund_state ON refund (state);
CREATE INDEX refund_payment ON refund (payment_id);
CREATE TABLE provider_event (
  id {{id}},
  provider TEXT NOT NULL,
  event_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  received_at {{instant}} NOT NULL,
  outcome TEXT NOT NULL DEFAULT '',
  UNIQUE (provider, event_id)
);
CREATE TABLE bank_receipt (
  id {{id}},
  bank_reference TEXT NOT NULL UNIQUE,
  received_on DATE NOT NULL,
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  payer TEXT NOT NULL DEFAULT '',
  payment_id BIGINT REFERENCES payment(id),
  matched_by BIGINT REFERENCES person(id),
  created_at {{instant}} NOT NULL
);
CREATE TABLE ledger_entry (
  id {{id}},
  key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  booking_reference TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  at {{instant}} NOT NULL
);
CREATE INDEX ledger_entry_booking ON ledger_entry (booking_reference);
-- One row moves one amount from the credited to the debited account: an unbalanced entry cannot be written.
CREATE TABLE ledger_transfer (
  id {{id}},
  entry_id BIGINT NOT NULL REFERENCES ledger_entry(id),
  debit TEXT NOT NULL,
  credit TEXT NOT NULL,
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  currency TEXT NOT NULL,
  CHECK (debit <> credit)
);
CREATE INDEX ledger_transfer_entry ON ledger_transfer (entry_id);
CREATE INDEX ledger_transfer_debit ON ledger_transfer (debit);
CREATE INDEX ledger_transfer_credit ON ledger_transfer (credit);
CREATE VIEW ledger_posting AS
  SELECT t.id * 2 AS id, t.entry_id, t.debit AS account, t.amount_minor AS amount_minor, t.currency
    FROM ledger_transfer t
  UNION ALL
  SELECT t.id * 2 + 1, t.entry_id, t.credit, -t.amount_minor, t.currency FROM ledger_transfer t;

-- Talk, reviews, notifications --------------------------------------------------------------------------
CREATE TABLE message (
  id {{id}},
  booking_id BIGINT NOT NULL REFERENCES booking(id),
  author TEXT NOT NULL CHECK (author IN ('guest','host','system')),
  person_id BIGINT REFERENCES person(id),
  body TEXT NOT NULL,
  created_at {{instant}} NOT NULL,
  read_at {{instant}}
);
CREATE INDEX message_booking ON message (booking_id, id);
CREATE TABLE review (
  id {{id}},
  listing_id BIGINT NOT NULL REFERENCES listing(id),
  booking_id BIGINT UNIQUE REFERENCES booking(id),
  author TEXT NOT NULL,
  country {{json}} NOT NULL,
  stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
  body TEXT NOT NULL,
  locale TEXT NOT NULL,
  published_at {{instant}} NOT NULL
);
CREATE INDEX review_listing ON review (listing_id, published_at);
CREATE TABLE delivery (
  id {{id}},
  channel TEXT NOT NULL CHECK (channel IN ('mail','sms')),
  recipient TEXT NOT NULL,
  locale TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  html TEXT NOT NULL DEFAULT '',
  attachments {{json}} NOT NULL,
  dedupe_key TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('queued','sent','failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT '',
  created_at {{instant}} NOT NULL,
  sent_at {{instant}}
);
CREATE INDEX delivery_created ON delivery (created_at);

-- Outbox ------------------------------------------------------------------------------------------------
CREATE TABLE job (
  id {{id}},
  handler TEXT NOT NULL,
  payload {{json}} NOT NULL,
  dedupe_key TEXT UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('ready','done','parked')),
  due_at {{instant}} NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  lease_token TEXT,
  lease_until {{instant}},
  last_error TEXT NOT NULL DEFAULT '',
  created_at {{instant}} NOT NULL,
  done_at {{instant}}
);
CREATE INDEX job_due ON job (due_at, id) WHERE state = 'ready';
CREATE TABLE worker_beat (
  worker TEXT PRIMARY KEY,
  beat_at {{instant}} NOT NULL
);
CREATE TABLE timed_run (
  name TEXT PRIMARY KEY,
  next_at {{instant}} NOT NULL
);
CREATE TABLE content_version (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO content_version (name, value) VALUES ('public', 1);

-- What must never change --------------------------------------------------------------------------------
-- @sqlite
CREATE TRIGGER booking_event_no_update BEFORE UPDATE ON booking_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER booking_event_no_delete BEFORE DELETE ON booking_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER ledger_transfer_no_update BEFORE UPDATE ON ledger_transfer BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER ledger_transfer_no_delete BEFORE DELETE ON ledger_transfer BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- @postgres
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER booking_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON booking_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_transfer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfer
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- @end
