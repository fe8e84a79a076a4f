-- What hotels buy: documents (a nota, invoice or credit note of one seller) and their lines. Facts are only
-- ever added: a wrong document is voided and replaced. The columns below "standing" follow what others say
-- about a line (origin, evidence, the supplier's answer, the claim that froze it) and may change; nothing above
-- them may. Files of evidence lie encrypted in the storage; imports keep every row with what became of it.
CREATE TABLE hotel_profile (
  organisation_id BIGINT PRIMARY KEY REFERENCES organisation(id),
  code TEXT NOT NULL UNIQUE,
  area_code TEXT NOT NULL,
  address TEXT NOT NULL DEFAULT '',
  npwp TEXT NOT NULL DEFAULT '',
  nib TEXT NOT NULL DEFAULT '',
  regional_tax_number TEXT NOT NULL DEFAULT '',
  room_count INTEGER NOT NULL DEFAULT 0 CHECK (room_count >= 0),
  bank_key TEXT NOT NULL DEFAULT '',
  updated_at {{instant}} NOT NULL
);
CREATE TABLE import_batch (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  hotel_id BIGINT NOT NULL REFERENCES organisation(id),
  format TEXT NOT NULL CHECK (format IN ('csv','xlsx','ubl','coretax')),
  filename TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  storage_key TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('uploaded','reading','mapping','checking','ready','applying','applied','undoing','undone','failed','discarded')),
  settings {{json}} NOT NULL,
  row_count INTEGER NOT NULL DEFAULT 0,
  done_count INTEGER NOT NULL DEFAULT 0,
  new_count INTEGER NOT NULL DEFAULT 0,
  changed_count INTEGER NOT NULL DEFAULT 0,
  duplicate_count INTEGER NOT NULL DEFAULT 0,
  error_count INTEGER NOT NULL DEFAULT 0,
  problem TEXT NOT NULL DEFAULT '',
  created_by BIGINT NOT NULL REFERENCES person(id),
  created_at {{instant}} NOT NULL,
  updated_at {{instant}} NOT NULL,
  applied_at {{instant}},
  undone_at {{instant}}
);
CREATE INDEX import_batch_hotel ON import_batch (hotel_id, id);
CREATE INDEX import_batch_file ON import_batch (hotel_id, sha256);
CREATE TABLE import_row (
  batch_id BIGINT NOT NULL REFERENCES import_batch(id) ON DELETE CASCADE,
  row_number INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('unread','new','changed','duplicate','error','left_out')),
  cells {{json}} NOT NULL,
  edits {{json}} NOT NULL,
  problems {{json}} NOT NULL,
  document_id BIGINT,
  PRIMARY KEY (batch_id, row_number)
);
CREATE INDEX import_row_outcome ON import_row (batch_id, outcome, row_number);
-- How a hotel's files are laid out, by the signature of their headings.
CREATE TABLE import_mapping (
  hotel_id BIGINT NOT NULL REFERENCES organisation(id),
  signature TEXT NOT NULL,
  mapping {{json}} NOT NULL,
  updated_at {{instant}} NOT NULL,
  PRIMARY KEY (hotel_id, signature)
);

CREATE TABLE purchase_document (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  hotel_id BIGINT NOT NULL REFERENCES organisation(id),
  kind TEXT NOT NULL CHECK (kind IN ('purchase','credit_note')),
  credits_id BIGINT REFERENCES purchase_document(id),
  paper TEXT NOT NULL CHECK (paper IN ('nota','receipt','invoice','tax_invoice','delivery_note')),
  supplier_id BIGINT REFERENCES supplier(id),
  seller_name TEXT NOT NULL,
  seller_npwp TEXT NOT NULL DEFAULT '',
  seller_key TEXT NOT NULL,
  number TEXT NOT NULL DEFAULT '',
  number_key TEXT NOT NULL DEFAULT '',
  invoice_at {{instant}} NOT NULL,
  invoice_on DATE NOT NULL,
  period TEXT NOT NULL,
  currency TEXT NOT NULL DEFAULT 'IDR',
  rate TEXT NOT NULL DEFAULT '1',
  net_minor BIGINT NOT NULL CHECK (net_minor > 0),
  vat_minor BIGINT NOT NULL DEFAULT 0 CHECK (vat_minor >= 0),
  source TEXT NOT NULL CHECK (source IN ('form','photo','csv','xlsx','ubl','coretax','quotation')),
  batch_id BIGINT REFERENCES import_batch(id),
  replaces_id BIGINT UNIQUE REFERENCES purchase_document(id),
  expected_purchase_id BIGINT REFERENCES expected_purchase(id),
  is_adjustment BOOLEAN NOT NULL DEFAULT FALSE,
  note TEXT NOT NULL DEFAULT '',
  entered_by BIGINT NOT NULL REFERENCES person(id),
  entered_at {{instant}} NOT NULL,
  -- standing
  status TEXT NOT NULL DEFAULT 'live' CHECK (status IN ('live','void')),
  voided_by BIGINT REFERENCES person(id),
  voided_at {{instant}},
  void_reason TEXT NOT NULL DEFAULT '',
  evidenced BOOLEAN NOT NULL DEFAULT FALSE,
  confirmation TEXT NOT NULL DEFAULT 'none' CHECK (confirmation IN ('none','asked','yes','other_amount','not_mine','silent')),
  confirmed_net_minor BIGINT,
  claim_id BIGINT,
  CHECK ((kind = 'credit_note') OR credits_id IS NULL),
  CHECK ((status = 'void') = (voided_at IS NOT NULL))
);
CREATE INDEX purchase_document_hotel ON purchase_document (hotel_id, period, status, id);
CREATE INDEX purchase_document_supplier ON purchase_document (supplier_id, period);
CREATE INDEX purchase_document_batch ON purchase_document (batch_id);
CREATE INDEX purchase_document_near ON purchase_document (hotel_id, seller_key, invoice_on);
CREATE INDEX purchase_document_confirmation ON purchase_document (confirmation, entered_at);
-- One seller's number counts once, whoever enters it.
CREATE UNIQUE INDEX purchase_document_number ON purchase_document (seller_key, number_key, kind)
  WHERE status = 'live' AND number_key <> '';
CREATE TABLE purchase_line (
  id {{id}},
  document_id BIGINT NOT NULL REFERENCES purchase_document(id),
  position INTEGER NOT NULL,
  hotel_id BIGINT NOT NULL REFERENCES organisation(id),
  supplier_id BIGINT REFERENCES supplier(id),
  seller_key TEXT NOT NULL,
  period TEXT NOT NULL,
  invoice_at {{instant}} NOT NULL,
  credit_note BOOLEAN NOT NULL,
  product_id BIGINT REFERENCES supplier_product(id),
  description TEXT NOT NULL,
  category TEXT NOT NULL,
  quantity_milli BIGINT CHECK (quantity_milli IS NULL OR quantity_milli > 0),
  unit TEXT NOT NULL DEFAULT '',
  amount TEXT NOT NULL,
  vat_percent TEXT NOT NULL DEFAULT '0',
  net_minor BIGINT NOT NULL CHECK (net_minor > 0),
  vat_minor BIGINT NOT NULL DEFAULT 0 CHECK (vat_minor >= 0),
  -- standing
  live BOOLEAN NOT NULL DEFAULT TRUE,
  origin TEXT NOT NULL DEFAULT 'X' CHECK (origin IN ('A','B','C','X')),
  origin_decided BOOLEAN NOT NULL DEFAULT FALSE,
  evidenced BOOLEAN NOT NULL DEFAULT FALSE,
  confirmed BOOLEAN NOT NULL DEFAULT FALSE,
  related BOOLEAN NOT NULL DEFAULT FALSE,
  UNIQUE (document_id, position)
);
-- Everything an assessment reads of a line stands in this index: it never visits the table.
CREATE INDEX purchase_line_assessed ON purchase_line
  (hotel_id, period, live, seller_key, category, origin, credit_note, evidenced, confirmed, related, net_minor);
CREATE INDEX purchase_line_supplier ON purchase_line (supplier_id, period) WHERE live;
CREATE INDEX purchase_line_product ON purchase_line (product_id, period) WHERE live;
-- A photo of a nota, or a file of an invoice. What lies at `storage_key` is encrypted; `preview_key` is a
-- re-drawn picture without metadata, encrypted too. `look` is a 256-bit perceptual hash in hexadecimal.
CREATE TABLE evidence (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  hotel_id BIGINT NOT NULL REFERENCES organisation(id),
  document_id BIGINT REFERENCES purchase_document(id),
  media_type TEXT NOT NULL,
  filename TEXT NOT NULL,
  byte_count BIGINT NOT NULL CHECK (byte_count > 0),
  sha256 TEXT NOT NULL,
  look TEXT NOT NULL DEFAULT '',
  storage_key TEXT NOT NULL,
  preview_key TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL CHECK (state IN ('waiting','ready','failed','withdrawn')),
  problem TEXT NOT NULL DEFAULT '',
  added_by BIGINT NOT NULL REFERENCES person(id),
  added_at {{instant}} NOT NULL
);
CREATE UNIQUE INDEX evidence_once ON evidence (sha256) WHERE state <> 'withdrawn';
CREATE INDEX evidence_document ON evidence (document_id);
CREATE INDEX evidence_hotel ON evidence (hotel_id, state, id);
-- One question to a supplier about one document; the answer is kept, whoever gave it and by which way.
CREATE TABLE confirmation_request (
  id {{id}},
  document_id BIGINT NOT NULL REFERENCES purchase_document(id),
  supplier_id BIGINT NOT NULL REFERENCES supplier(id),
  token_hash TEXT NOT NULL UNIQUE,
  code_hash TEXT NOT NULL DEFAULT '',
  tries INTEGER NOT NULL DEFAULT 0,
  asked_at {{instant}} NOT NULL,
  expires_at {{instant}} NOT NULL,
  reminded_at {{instant}},
  state TEXT NOT NULL CHECK (state IN ('open','answered','expired','cancelled')),
  UNIQUE (document_id, asked_at)
);
CREATE INDEX confirmation_request_open ON confirmation_request (state, expires_at);
CREATE INDEX confirmation_request_supplier ON confirmation_request (supplier_id, state);
CREATE TABLE confirmation_answer (
  id {{id}},
  document_id BIGINT NOT NULL REFERENCES purchase_document(id),
  request_id BIGINT REFERENCES confirmation_request(id),
  answer TEXT NOT NULL CHECK (answer IN ('yes','other_amount','not_mine')),
  net_minor BIGINT CHECK (net_minor IS NULL OR net_minor > 0),
  words TEXT NOT NULL DEFAULT '',
  way TEXT NOT NULL CHECK (way IN ('web','link','sms')),
  person_id BIGINT REFERENCES person(id),
  agent_id BIGINT REFERENCES organisation(id),
  answered_at {{instant}} NOT NULL,
  CHECK ((answer = 'other_amount') = (net_minor IS NOT NULL))
);
CREATE INDEX confirmation_answer_document ON confirmation_answer (document_id, id);
-- What happened to documents, for people to read.
CREATE TABLE purchase_event (
  id {{id}},
  hotel_id BIGINT NOT NULL REFERENCES organisation(id),
  document_id BIGINT REFERENCES purchase_document(id),
  batch_id BIGINT REFERENCES import_batch(id),
  name TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  person_id BIGINT REFERENCES person(id),
  at {{instant}} NOT NULL
);
CREATE INDEX purchase_event_document ON purchase_event (document_id, id);
CREATE INDEX purchase_event_hotel ON purchase_event (hotel_id, id);

-- @sqlite
CREATE TRIGGER purchase_document_facts BEFORE UPDATE OF
  reference, hotel_id, kind, credits_id, paper, supplier_id, seller_name, seller_npwp, seller_key, number,
  number_key, invoice_at, invoice_on, period, currency, rate, net_minor, vat_minor, source, batch_id,
  replaces_id, expected_purchase_id, is_adjustment, note, entered_by, entered_at
  ON purchase_document BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER purchase_document_no_delete BEFORE DELETE ON purchase_document BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER purchase_line_facts BEFORE UPDATE OF
  document_id, position, hotel_id, supplier_id, seller_key, period, invoice_at, credit_note, product_id,
  description, category, quantity_milli, unit, amount, vat_percent, net_minor, vat_minor
  ON purchase_line BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER purchase_line_no_delete BEFORE DELETE ON purchase_line BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER confirmation_answer_no_update BEFORE UPDATE ON confirmation_answer BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER confirmation_answer_no_delete BEFORE DELETE ON confirmation_answer BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER purchase_event_no_update BEFORE UPDATE ON purchase_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER purchase_event_no_delete BEFORE DELETE ON purchase_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- @postgres
CREATE TRIGGER purchase_document_facts BEFORE UPDATE OF
  reference, hotel_id, kind, credits_id, paper, supplier_id, seller_name, seller_npwp, seller_key, number,
  number_key, invoice_at, invoice_on, period, currency, rate, net_minor, vat_minor, source, batch_id,
  replaces_id, expected_purchase_id, is_adjustment, note, entered_by, entered_at
  ON purchase_document FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER purchase_document_kept BEFORE DELETE OR TRUNCATE ON purchase_document
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER purchase_line_facts BEFORE UPDATE OF
  document_id, position, hotel_id, supplier_id, seller_key, period, invoice_at, credit_note, product_id,
  description, category, quantity_milli, unit, amount, vat_percent, net_minor, vat_minor
  ON purchase_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER purchase_line_kept BEFORE DELETE OR TRUNCATE ON purchase_line
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER confirmation_answer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON confirmation_answer
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER purchase_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON purchase_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- @end
