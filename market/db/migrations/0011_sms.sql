-- Phones that hosts run their business from: who invited them and when they agreed, the codes they were told,
-- and everything they sent. What is sent to them is kept in `delivery`.
CREATE TABLE sms_number (
  id {{id}},
  number TEXT NOT NULL UNIQUE,
  organisation_id BIGINT NOT NULL REFERENCES organisation(id),
  invited_by BIGINT REFERENCES person(id),
  invited_by_name TEXT NOT NULL,
  locale TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('invited','active','stopped')),
  invited_at {{instant}} NOT NULL,
  consented_at {{instant}},
  stopped_at {{instant}},
  CHECK (state <> 'active' OR consented_at IS NOT NULL)
);
CREATE INDEX sms_number_organisation ON sms_number (organisation_id);
-- A code belongs to one number. `delivery_key` names the message that carried it first: a one-time code counts
-- only for a few minutes after that message left.
CREATE TABLE sms_code (
  id {{id}},
  number_id BIGINT NOT NULL REFERENCES sms_number(id) ON DELETE CASCADE,
  code TEXT NOT NULL CHECK (code BETWEEN '2000' AND '9999' AND LENGTH(code) = 4),
  purpose TEXT NOT NULL CHECK (purpose IN ('booking','accept','cancel','reopen')),
  subject TEXT NOT NULL,
  delivery_key TEXT NOT NULL,
  created_at {{instant}} NOT NULL,
  used_at {{instant}},
  UNIQUE (number_id, code)
);
CREATE UNIQUE INDEX sms_code_booking ON sms_code (number_id, subject) WHERE purpose = 'booking';
CREATE INDEX sms_code_code ON sms_code (code);
CREATE TABLE sms_inbound (
  id {{id}},
  key TEXT UNIQUE,
  sender TEXT NOT NULL,
  number_id BIGINT REFERENCES sms_number(id) ON DELETE SET NULL,
  body TEXT NOT NULL,
  via TEXT NOT NULL,
  sent_at {{instant}} NOT NULL,
  received_at {{instant}} NOT NULL,
  outcome TEXT NOT NULL DEFAULT '',
  handled_at {{instant}}
);
CREATE INDEX sms_inbound_sender ON sms_inbound (sender, received_at);
CREATE INDEX sms_inbound_outcome ON sms_inbound (outcome, received_at);
