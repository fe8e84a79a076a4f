-- Notices inside the site with everybody's choices, whose delivery is whose; and what staff do with people's things:
-- acts that are never changed, sign-ins locked, looking on as somebody, photos taken down, reported messages, goodwill.

-- What a person was told inside the site. `words` has one sentence a language; `href` is a path without language.
CREATE TABLE notice (
  id {{id}},
  person_id BIGINT NOT NULL REFERENCES person(id),
  topic TEXT NOT NULL,
  words {{json}} NOT NULL,
  href TEXT NOT NULL DEFAULT '',
  dedupe_key TEXT NOT NULL UNIQUE,
  created_at {{instant}} NOT NULL,
  read_at {{instant}}
);
CREATE INDEX notice_person ON notice (person_id, id);
CREATE INDEX notice_unread ON notice (person_id) WHERE read_at IS NULL;
CREATE INDEX notice_age ON notice (created_at);
-- Only what differs from the default is kept.
CREATE TABLE notice_choice (
  id {{id}},
  person_id BIGINT NOT NULL REFERENCES person(id),
  topic TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('mail','sms','app')),
  wanted BOOLEAN NOT NULL,
  changed_at {{instant}} NOT NULL,
  UNIQUE (person_id, topic, channel)
);
-- A number its owner proved with a code: only then news go there. A number serves one person.
CREATE TABLE sms_consent (
  id {{id}},
  person_id BIGINT NOT NULL UNIQUE REFERENCES person(id),
  number TEXT NOT NULL,
  code_hash TEXT NOT NULL DEFAULT '',
  tries INTEGER NOT NULL DEFAULT 0,
  asked_count INTEGER NOT NULL DEFAULT 1,
  asked_at {{instant}} NOT NULL,
  first_asked_at {{instant}} NOT NULL,
  consented_at {{instant}},
  stopped_at {{instant}}
);
CREATE UNIQUE INDEX sms_consent_number ON sms_consent (number) WHERE consented_at IS NOT NULL AND stopped_at IS NULL;

ALTER TABLE delivery ADD COLUMN person_id BIGINT REFERENCES person(id);
ALTER TABLE delivery ADD COLUMN topic TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery ADD COLUMN forgotten_at {{instant}};
CREATE INDEX delivery_person ON delivery (person_id, id) WHERE person_id IS NOT NULL;
CREATE INDEX delivery_open ON delivery (id) WHERE state <> 'sent';
CREATE INDEX delivery_recipient_newest ON delivery (recipient, id);
CREATE INDEX delivery_kept ON delivery (created_at) WHERE forgotten_at IS NULL;
CREATE INDEX job_parked ON job (id) WHERE state = 'parked';

-- Staff ------------------------------------------------------------------------------------------------------
ALTER TABLE person ADD COLUMN locked_at {{instant}};
-- A session stays its owner's; for a while it shows the site as somebody else sees it.
ALTER TABLE web_session ADD COLUMN viewing_id BIGINT REFERENCES person(id);
ALTER TABLE web_session ADD COLUMN viewing_until {{instant}};
CREATE TABLE staff_act (
  id {{id}},
  at {{instant}} NOT NULL,
  actor_id BIGINT NOT NULL REFERENCES person(id),
  real_actor_id BIGINT NOT NULL REFERENCES person(id),
  name TEXT NOT NULL,
  person_id BIGINT REFERENCES person(id),
  subject TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX staff_act_actor ON staff_act (real_actor_id, id);
CREATE INDEX staff_act_person ON staff_act (person_id, id) WHERE person_id IS NOT NULL;
CREATE INDEX staff_act_name ON staff_act (name, id);

ALTER TABLE photo ADD COLUMN hidden_at {{instant}};
ALTER TABLE photo ADD COLUMN hidden_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE photo ADD COLUMN looked_at {{instant}};
UPDATE photo SET looked_at = created_at;
CREATE INDEX photo_unseen ON photo (id) WHERE looked_at IS NULL;

CREATE TABLE message_report (
  id {{id}},
  message_id BIGINT NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  side TEXT NOT NULL CHECK (side IN ('guest','host')),
  person_id BIGINT REFERENCES person(id),
  reason TEXT NOT NULL CHECK (reason IN ('offensive','pressure','outside','personal','other')),
  body TEXT NOT NULL DEFAULT '',
  at {{instant}} NOT NULL,
  outcome TEXT NOT NULL DEFAULT '' CHECK (outcome IN ('','warned','dismissed')),
  note TEXT NOT NULL DEFAULT '',
  closed_by BIGINT REFERENCES person(id),
  closed_at {{instant}},
  UNIQUE (message_id, side),
  CHECK ((closed_at IS NULL) = (outcome = ''))
);
CREATE INDEX message_report_open ON message_report (at) WHERE closed_at IS NULL;

-- Money we give out of our own pocket. Above the limit a second person decides.
CREATE TABLE goodwill (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  booking_reference TEXT NOT NULL,
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('proposed','given','refused')),
  needs_second BOOLEAN NOT NULL,
  proposed_by BIGINT NOT NULL REFERENCES person(id),
  proposed_at {{instant}} NOT NULL,
  approved_by BIGINT REFERENCES person(id),
  decided_at {{instant}},
  CHECK (approved_by IS NULL OR approved_by <> proposed_by),
  CHECK (state <> 'given' OR NOT needs_second OR approved_by IS NOT NULL),
  CHECK ((state = 'proposed') = (decided_at IS NULL))
);
CREATE INDEX goodwill_booking ON goodwill (booking_reference);
CREATE INDEX goodwill_open ON goodwill (id) WHERE state = 'proposed';

-- @sqlite
CREATE TRIGGER staff_act_no_update BEFORE UPDATE ON staff_act BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER staff_act_no_delete BEFORE DELETE ON staff_act BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- @postgres
CREATE TRIGGER staff_act_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON staff_act
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- @end
