-- Who came and how that is known, who did not and what the guest says to that; reviews of both sides, sealed
-- until both wrote; and the register of foreign guests, whose facts lie here only as sealed envelopes.
CREATE TABLE check_in (
  id {{id}},
  booking_id BIGINT NOT NULL REFERENCES booking(id),
  act TEXT NOT NULL CHECK (act IN ('in','undone')),
  how TEXT NOT NULL CHECK (how IN ('qr','code','list')),
  stated_at {{instant}} NOT NULL,
  received_at {{instant}} NOT NULL,
  person_id BIGINT REFERENCES person(id),
  key TEXT UNIQUE,
  reason TEXT NOT NULL DEFAULT '',
  CHECK (stated_at <= received_at)
);
CREATE INDEX check_in_booking ON check_in (booking_id, id);
-- `freed` are the slots [id, quantity] that went back on sale; `refund_minor` is what the terms give back. The
-- money waits until the guest's time to answer is over, or until an operator has decided.
CREATE TABLE no_show (
  id {{id}},
  booking_id BIGINT NOT NULL REFERENCES booking(id),
  stated_at {{instant}} NOT NULL,
  stated_by BIGINT REFERENCES person(id),
  contest_until {{instant}} NOT NULL,
  refund_minor BIGINT NOT NULL CHECK (refund_minor >= 0),
  freed {{json}} NOT NULL,
  contested_at {{instant}},
  contest_text TEXT NOT NULL DEFAULT '',
  outcome TEXT NOT NULL DEFAULT '' CHECK (outcome IN ('','stands','arrived','host_failed')),
  settled_at {{instant}},
  settled_by BIGINT REFERENCES person(id),
  note TEXT NOT NULL DEFAULT '',
  CHECK ((settled_at IS NULL) = (outcome = '')),
  CHECK (contested_at IS NULL OR contested_at <= contest_until)
);
CREATE UNIQUE INDEX no_show_one_open ON no_show (booking_id) WHERE settled_at IS NULL;
CREATE INDEX no_show_booking ON no_show (booking_id, id);
CREATE INDEX no_show_waiting ON no_show (contest_until) WHERE settled_at IS NULL;
CREATE INDEX booking_arrivals ON booking (host_id, starts_on);

-- Reviews: the table is made anew, because it now keeps what is written and not yet shown, and both sides -----
ALTER TABLE review RENAME TO review_before;
CREATE TABLE review (
  id {{id}},
  listing_id BIGINT NOT NULL REFERENCES listing(id),
  host_id BIGINT NOT NULL REFERENCES organisation(id),
  booking_id BIGINT REFERENCES booking(id),
  side TEXT NOT NULL DEFAULT 'guest' CHECK (side IN ('guest','host')),
  person_id BIGINT REFERENCES person(id),
  author TEXT NOT NULL,
  country {{json}} NOT NULL,
  stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
  notes {{json}} NOT NULL DEFAULT '{}',
  body TEXT NOT NULL,
  locale TEXT NOT NULL,
  written_at {{instant}} NOT NULL,
  published_at {{instant}},
  hidden_at {{instant}},
  reply TEXT NOT NULL DEFAULT '',
  reply_locale TEXT NOT NULL DEFAULT '',
  replied_at {{instant}},
  replied_by BIGINT REFERENCES person(id),
  UNIQUE (booking_id, side),
  CHECK (hidden_at IS NULL OR published_at IS NOT NULL),
  CHECK ((replied_at IS NULL) = (reply = ''))
);
INSERT INTO review (listing_id, host_id, booking_id, side, author, country, stars, body, locale, written_at,
  published_at)
  SELECT r.listing_id, l.host_id, r.booking_id, 'guest', r.author, r.country, r.stars, r.body, r.locale,
    r.published_at, r.published_at
  FROM review_before r JOIN listing l ON l.id = r.listing_id ORDER BY r.id;
DROP TABLE review_before;
CREATE INDEX review_listing ON review (listing_id, published_at) WHERE side = 'guest' AND hidden_at IS NULL;
CREATE INDEX review_host ON review (host_id, side, published_at);
-- A visit that is over opens a window; it closes when both wrote or its time is up, and both are shown.
CREATE TABLE review_window (
  booking_id BIGINT PRIMARY KEY REFERENCES booking(id),
  opened_at {{instant}} NOT NULL,
  closes_at {{instant}} NOT NULL,
  reminded_at {{instant}},
  closed_at {{instant}}
);
CREATE INDEX review_window_open ON review_window (closes_at) WHERE closed_at IS NULL;
CREATE TABLE review_report (
  id {{id}},
  review_id BIGINT NOT NULL REFERENCES review(id),
  person_id BIGINT NOT NULL REFERENCES person(id),
  reason TEXT NOT NULL CHECK (reason IN ('offensive','personal','untrue','advertising','other')),
  body TEXT NOT NULL DEFAULT '',
  at {{instant}} NOT NULL,
  closed_at {{instant}},
  UNIQUE (review_id, person_id)
);
CREATE INDEX review_report_open ON review_report (at) WHERE closed_at IS NULL;
CREATE TABLE review_act (
  id {{id}},
  review_id BIGINT NOT NULL REFERENCES review(id),
  act TEXT NOT NULL CHECK (act IN ('published','hidden','restored','kept')),
  reason TEXT NOT NULL DEFAULT '',
  person_id BIGINT REFERENCES person(id),
  at {{instant}} NOT NULL
);
CREATE INDEX review_act_review ON review_act (review_id, id);

-- The register of foreign guests: one row a stay, one sealed envelope a guest ----------------------------------
CREATE TABLE register_stay (
  id {{id}},
  booking_id BIGINT NOT NULL UNIQUE REFERENCES booking(id),
  host_id BIGINT NOT NULL REFERENCES organisation(id),
  state TEXT NOT NULL CHECK (state IN ('open','none','reported','erased')),
  due_at {{instant}} NOT NULL,
  reported_at {{instant}},
  reported_by BIGINT REFERENCES person(id),
  report_reference TEXT NOT NULL DEFAULT '',
  leaves_on DATE NOT NULL,
  created_at {{instant}} NOT NULL,
  erased_at {{instant}},
  CHECK (state <> 'reported' OR reported_at IS NOT NULL),
  CHECK ((state = 'erased') = (erased_at IS NOT NULL))
);
CREATE INDEX register_stay_host ON register_stay (host_id, due_at);
CREATE INDEX register_stay_leaves ON register_stay (leaves_on) WHERE erased_at IS NULL;
CREATE TABLE register_guest (
  id {{id}},
  stay_id BIGINT NOT NULL REFERENCES register_stay(id),
  wrapped_key TEXT NOT NULL,
  sealed TEXT NOT NULL,
  filled_by TEXT NOT NULL CHECK (filled_by IN ('host','guest')),
  created_at {{instant}} NOT NULL,
  updated_at {{instant}} NOT NULL
);
CREATE INDEX register_guest_stay ON register_guest (stay_id, id);
CREATE TABLE register_act (
  id {{id}},
  stay_id BIGINT NOT NULL REFERENCES register_stay(id),
  act TEXT NOT NULL CHECK (act IN ('written','removed','read','exported','reported','none','reopened','erased')),
  person_id BIGINT REFERENCES person(id),
  at {{instant}} NOT NULL
);
CREATE INDEX register_act_stay ON register_act (stay_id, id);

-- @sqlite
CREATE TRIGGER check_in_no_update BEFORE UPDATE ON check_in BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER check_in_no_delete BEFORE DELETE ON check_in BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER review_act_no_update BEFORE UPDATE ON review_act BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER review_act_no_delete BEFORE DELETE ON review_act BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER register_act_no_update BEFORE UPDATE ON register_act BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER register_act_no_delete BEFORE DELETE ON register_act BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- @postgres
CREATE TRIGGER check_in_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON check_in
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER review_act_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON review_act
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER register_act_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON register_act
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- @end
