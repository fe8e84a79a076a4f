-- The purchase ledger, second part: months that a claim has frozen, from when on which evidence is enough, what
-- looks like what, the codes suppliers answer with by SMS, and organisations that people ask to open.
CREATE TABLE purchase_lock (
  hotel_id BIGINT NOT NULL REFERENCES organisation(id),
  period TEXT NOT NULL,
  claim_id BIGINT NOT NULL,
  frozen_at {{instant}} NOT NULL,
  PRIMARY KEY (hotel_id, period)
);
-- Up to this net value a plain receipt is evidence enough; above it a tax invoice or signed delivery note.
CREATE TABLE evidence_limit (
  from_period TEXT PRIMARY KEY,
  limit_minor BIGINT NOT NULL CHECK (limit_minor >= 0),
  set_at {{instant}} NOT NULL
);
CREATE INDEX purchase_document_listed ON purchase_document (hotel_id, period, invoice_on, id);
CREATE INDEX purchase_document_credits ON purchase_document (credits_id) WHERE credits_id IS NOT NULL;
CREATE INDEX purchase_document_expected ON purchase_document (expected_purchase_id)
  WHERE expected_purchase_id IS NOT NULL;

-- The key a file is encrypted with, itself sealed with the installation's secret.
ALTER TABLE evidence ADD COLUMN sealed_key TEXT NOT NULL DEFAULT '';
-- Two photos that look alike; the younger one is `evidence_id`. Distance in bits of 256.
CREATE TABLE evidence_likeness (
  evidence_id BIGINT NOT NULL REFERENCES evidence(id),
  other_id BIGINT NOT NULL REFERENCES evidence(id),
  distance INTEGER NOT NULL CHECK (distance BETWEEN 0 AND 256),
  PRIMARY KEY (evidence_id, other_id)
);
CREATE INDEX evidence_likeness_other ON evidence_likeness (other_id);

ALTER TABLE hotel_profile ADD COLUMN nitku TEXT NOT NULL DEFAULT '';

-- A supplier's phone. A new number of an organisation that had one answers for it only from `answers_from` on.
ALTER TABLE sms_number ADD COLUMN answers_from {{instant}};
-- Four digits that mean one purchase or one request for a price to one number only.
CREATE TABLE sms_supply_code (
  id {{id}},
  number_id BIGINT NOT NULL REFERENCES sms_number(id) ON DELETE CASCADE,
  code TEXT NOT NULL CHECK (code BETWEEN '2000' AND '9999' AND LENGTH(code) = 4),
  purpose TEXT NOT NULL CHECK (purpose IN ('purchase','quotation','fresh')),
  subject_id BIGINT NOT NULL,
  delivery_key TEXT NOT NULL,
  created_at {{instant}} NOT NULL,
  used_at {{instant}},
  UNIQUE (number_id, code)
);
CREATE INDEX sms_supply_code_subject ON sms_supply_code (number_id, purpose, subject_id);
CREATE INDEX sms_supply_code_code ON sms_supply_code (code);

-- Somebody asks to open a hotel or a supplier; staff look at it first.
CREATE TABLE organisation_request (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('hotel','supplier')),
  name TEXT NOT NULL,
  area_code TEXT NOT NULL,
  address TEXT NOT NULL DEFAULT '',
  phone TEXT NOT NULL DEFAULT '',
  npwp TEXT NOT NULL DEFAULT '',
  nib TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  person_id BIGINT NOT NULL REFERENCES person(id),
  asked_at {{instant}} NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting','approved','refused','withdrawn')),
  decided_by BIGINT REFERENCES person(id),
  decided_at {{instant}},
  reason TEXT NOT NULL DEFAULT '',
  organisation_id BIGINT REFERENCES organisation(id),
  CHECK (decided_by IS NULL OR decided_by <> person_id),
  CHECK (state NOT IN ('approved','refused') OR decided_by IS NOT NULL),
  CHECK ((state = 'approved') = (organisation_id IS NOT NULL))
);
CREATE INDEX organisation_request_state ON organisation_request (state, id);
CREATE INDEX organisation_request_person ON organisation_request (person_id, id);
