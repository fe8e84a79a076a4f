-- The programme: rule versions, claims with their frozen lines, and everything that is said and decided about
-- them. Facts are only ever added; a decision is undone by a later act and stays. What one insider must not be
-- able to do alone (take both steps, decide for a hotel of theirs, undo after the decree) is refused here, in
-- the database, whatever the program above it does.

-- Rules -------------------------------------------------------------------------------------------------
CREATE TABLE rule_version (
  id {{id}},
  version TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('draft','proposed','effective','withdrawn')),
  installed BOOLEAN NOT NULL DEFAULT FALSE,
  body {{json}} NOT NULL,
  sha256 TEXT NOT NULL,
  effective_from DATE NOT NULL,
  effective_to DATE,
  note TEXT NOT NULL DEFAULT '',
  drafted_by BIGINT REFERENCES person(id),
  drafted_at {{instant}} NOT NULL,
  proposed_by BIGINT REFERENCES person(id),
  proposed_at {{instant}},
  approved_by BIGINT REFERENCES person(id),
  approved_at {{instant}},
  used_at {{instant}},
  log_index BIGINT,
  CHECK (approved_by <> proposed_by),
  CHECK (state <> 'proposed' OR proposed_by IS NOT NULL),
  CHECK (state <> 'effective' OR installed OR (proposed_by IS NOT NULL AND approved_by IS NOT NULL)),
  CHECK (effective_to IS NULL OR effective_to >= effective_from)
);
CREATE INDEX rule_version_in_force ON rule_version (state, effective_from);

-- People ------------------------------------------------------------------------------------------------
-- How an officer is called in public lots: the same word in every one, and not a name.
CREATE TABLE officer_code (
  person_id BIGINT PRIMARY KEY REFERENCES person(id),
  code TEXT NOT NULL UNIQUE,
  created_at {{instant}} NOT NULL
);
-- What an officer declares: a hotel, or the keyed hash of a tax number, phone or account of somebody close.
CREATE TABLE officer_conflict (
  id {{id}},
  person_id BIGINT NOT NULL REFERENCES person(id),
  kind TEXT NOT NULL CHECK (kind IN ('hotel','supplier','npwp','phone','bank')),
  organisation_id BIGINT REFERENCES organisation(id),
  key_hash TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  declared_by BIGINT NOT NULL REFERENCES person(id),
  declared_at {{instant}} NOT NULL,
  ended_by BIGINT REFERENCES person(id),
  ended_at {{instant}},
  CHECK ((kind IN ('hotel','supplier')) = (organisation_id IS NOT NULL)),
  CHECK ((kind IN ('hotel','supplier')) = (key_hash = '')),
  CHECK ((ended_by IS NULL) = (ended_at IS NULL))
);
CREATE INDEX officer_conflict_person ON officer_conflict (person_id) WHERE ended_at IS NULL;
CREATE INDEX officer_conflict_organisation ON officer_conflict (organisation_id) WHERE ended_at IS NULL;
CREATE INDEX officer_conflict_key ON officer_conflict (key_hash) WHERE ended_at IS NULL;

-- Claims ------------------------------------------------------------------------------------------------
-- What the hotel stated, then what was reckoned at submission (`local` is an exact fraction, n/d), then what
-- the officers' decisions made of it. A correction reckons the period of its original again.
CREATE TABLE claim (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  hotel_id BIGINT NOT NULL REFERENCES organisation(id),
  period TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('original','correction')),
  corrects_id BIGINT REFERENCES claim(id),
  rule_id BIGINT NOT NULL REFERENCES rule_version(id),
  state TEXT NOT NULL CHECK (state IN ('draft','submitted','checking','drawn','verifying','approving','auditing',
    'recommended','effective','rejected','objected','superseded','withdrawn')),
  stated_total_minor BIGINT CHECK (stated_total_minor IS NULL OR stated_total_minor >= 0),
  difference_note TEXT NOT NULL DEFAULT '',
  tax_principal_minor BIGINT CHECK (tax_principal_minor IS NULL OR tax_principal_minor >= 0),
  statements {{json}} NOT NULL,
  documents {{json}} NOT NULL,
  assessment {{json}},
  local TEXT NOT NULL DEFAULT '',
  denominator_minor BIGINT,
  share TEXT NOT NULL DEFAULT '',
  award_minor BIGINT CHECK (award_minor IS NULL OR award_minor >= 0),
  capped_by TEXT NOT NULL DEFAULT '',
  line_count INTEGER NOT NULL DEFAULT 0 CHECK (line_count >= 0),
  snapshot_sha256 TEXT NOT NULL DEFAULT '',
  decided_assessment {{json}},
  decided_share TEXT NOT NULL DEFAULT '',
  decided_award_minor BIGINT CHECK (decided_award_minor IS NULL OR decided_award_minor >= 0),
  adjustment_minor BIGINT NOT NULL DEFAULT 0,
  payable_minor BIGINT CHECK (payable_minor IS NULL OR payable_minor >= 0),
  submitted_by BIGINT REFERENCES person(id),
  submitted_at {{instant}},
  submitted_index BIGINT,
  due_at {{instant}},
  decided_at {{instant}},
  objection_until {{instant}},
  effective_at {{instant}},
  created_by BIGINT NOT NULL REFERENCES person(id),
  created_at {{instant}} NOT NULL,
  updated_at {{instant}} NOT NULL,
  CHECK ((kind = 'correction') = (corrects_id IS NOT NULL)),
  CHECK (state IN ('draft','withdrawn') OR (submitted_at IS NOT NULL AND snapshot_sha256 <> ''
    AND stated_total_minor IS NOT NULL AND tax_principal_minor IS NOT NULL)),
  CHECK (state NOT IN ('recommended','effective') OR decided_award_minor IS NOT NULL)
);
CREATE UNIQUE INDEX claim_once ON claim (hotel_id, period) WHERE kind = 'original' AND state <> 'withdrawn';
CREATE UNIQUE INDEX claim_one_correction ON claim (corrects_id)
  WHERE kind = 'correction' AND state NOT IN ('effective','rejected','superseded','withdrawn');
CREATE INDEX claim_hotel ON claim (hotel_id, period, id);
CREATE INDEX claim_corrects ON claim (corrects_id);
CREATE INDEX claim_queue ON claim (state, due_at, id);
CREATE INDEX claim_period ON claim (period, state);
CREATE INDEX claim_rule ON claim (rule_id);
-- The purchases as they stood when the claim was submitted, in the order in which the sample counts rupiah.
CREATE TABLE claim_line (
  claim_id BIGINT NOT NULL REFERENCES claim(id),
  line_id BIGINT NOT NULL REFERENCES purchase_line(id),
  position INTEGER NOT NULL,
  document_id BIGINT NOT NULL REFERENCES purchase_document(id),
  document_reference TEXT NOT NULL,
  number TEXT NOT NULL DEFAULT '',
  seller_key TEXT NOT NULL,
  seller_name TEXT NOT NULL,
  supplier_id BIGINT REFERENCES supplier(id),
  product_id BIGINT REFERENCES supplier_product(id),
  description TEXT NOT NULL DEFAULT '',
  category TEXT NOT NULL,
  quantity_milli BIGINT,
  unit TEXT NOT NULL DEFAULT '',
  invoice_at {{instant}} NOT NULL,
  entered_at {{instant}} NOT NULL,
  net_minor BIGINT NOT NULL CHECK (net_minor > 0),
  credit_note BOOLEAN NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('A','B','C','X')),
  evidenced BOOLEAN NOT NULL,
  confirmed BOOLEAN NOT NULL,
  related BOOLEAN NOT NULL,
  confirmation TEXT NOT NULL DEFAULT 'none',
  confirmed_net_minor BIGINT,
  PRIMARY KEY (claim_id, line_id),
  UNIQUE (claim_id, position)
);
CREATE INDEX claim_line_document ON claim_line (document_id);
CREATE INDEX claim_line_line ON claim_line (line_id);
CREATE TABLE claim_event (
  id {{id}},
  claim_id BIGINT NOT NULL REFERENCES claim(id),
  name TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  person_id BIGINT REFERENCES person(id),
  real_person_id BIGINT REFERENCES person(id),
  reason TEXT NOT NULL DEFAULT '',
  log_index BIGINT,
  at {{instant}} NOT NULL
);
CREATE INDEX claim_event_claim ON claim_event (claim_id, id);

-- Checking ----------------------------------------------------------------------------------------------
CREATE TABLE claim_task (
  id {{id}},
  claim_id BIGINT NOT NULL REFERENCES claim(id),
  name TEXT NOT NULL,
  automatic BOOLEAN NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open','passed','attention','failed')),
  found {{json}} NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  done_by BIGINT REFERENCES person(id),
  done_at {{instant}},
  UNIQUE (claim_id, name),
  CHECK ((state = 'open') = (done_at IS NULL))
);
-- `found` and `expected` are the two figures that a rule compared; `records` what to look at side by side.
CREATE TABLE claim_flag (
  id {{id}},
  claim_id BIGINT NOT NULL REFERENCES claim(id),
  rule TEXT NOT NULL,
  rule_version INTEGER NOT NULL CHECK (rule_version > 0),
  subject TEXT NOT NULL,
  line_id BIGINT REFERENCES purchase_line(id),
  found TEXT NOT NULL,
  expected TEXT NOT NULL,
  facts {{json}} NOT NULL,
  records {{json}} NOT NULL,
  raised_at {{instant}} NOT NULL,
  resolution TEXT CHECK (resolution IN ('explained','corrected','line_removed','referred')),
  note TEXT NOT NULL DEFAULT '',
  resolved_by BIGINT REFERENCES person(id),
  resolved_at {{instant}},
  UNIQUE (claim_id, rule, subject),
  CHECK ((resolution IS NULL) = (resolved_at IS NULL)),
  CHECK ((resolution IS NULL) = (resolved_by IS NULL)),
  CHECK (resolution IS NULL OR note <> '')
);
CREATE INDEX claim_flag_open ON claim_flag (claim_id) WHERE resolution IS NULL;

-- Lots and chairs ---------------------------------------------------------------------------------------
-- Who is a candidate stands in the public log before the seed is known; afterwards everybody can repeat it.
CREATE TABLE claim_draw (
  id {{id}},
  claim_id BIGINT NOT NULL REFERENCES claim(id),
  kind TEXT NOT NULL CHECK (kind IN ('lot','audit','sample','reviewer')),
  round INTEGER NOT NULL CHECK (round > 0),
  candidates {{json}} NOT NULL,
  seed_source TEXT NOT NULL,
  seed_after BIGINT NOT NULL,
  committed_index BIGINT NOT NULL,
  committed_at {{instant}} NOT NULL,
  seed TEXT,
  seed_reference TEXT NOT NULL DEFAULT '',
  result {{json}},
  drawn_index BIGINT,
  drawn_at {{instant}},
  UNIQUE (claim_id, kind, round),
  CHECK ((seed IS NULL) = (drawn_at IS NULL)),
  CHECK ((seed IS NULL) = (result IS NULL))
);
CREATE INDEX claim_draw_waiting ON claim_draw (seed_after) WHERE seed IS NULL;
-- Nobody ever has two chairs at one claim: that is the primary key. One person at a time sits in each.
CREATE TABLE claim_chair (
  claim_id BIGINT NOT NULL REFERENCES claim(id),
  person_id BIGINT NOT NULL REFERENCES person(id),
  chair TEXT NOT NULL CHECK (chair IN ('verifier','approver','auditor','reviewer')),
  draw_id BIGINT NOT NULL REFERENCES claim_draw(id),
  seated_at {{instant}} NOT NULL,
  left_at {{instant}},
  left_reason TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (claim_id, person_id),
  UNIQUE (claim_id, person_id, chair)
);
CREATE UNIQUE INDEX claim_chair_taken ON claim_chair (claim_id, chair) WHERE left_at IS NULL;
CREATE INDEX claim_chair_person ON claim_chair (person_id, claim_id) WHERE left_at IS NULL;

-- Deciding ----------------------------------------------------------------------------------------------
CREATE TABLE line_decision (
  id {{id}},
  claim_id BIGINT NOT NULL,
  line_id BIGINT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('accept','amount','exclude','out_of_scope')),
  net_minor BIGINT CHECK (net_minor IS NULL OR net_minor > 0),
  reason TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  person_id BIGINT NOT NULL,
  chair TEXT NOT NULL CHECK (chair IN ('verifier','reviewer')),
  decided_at {{instant}} NOT NULL,
  CHECK ((verdict = 'amount') = (net_minor IS NOT NULL)),
  CHECK (verdict = 'accept' OR reason <> ''),
  FOREIGN KEY (claim_id, line_id) REFERENCES claim_line (claim_id, line_id),
  FOREIGN KEY (claim_id, person_id, chair) REFERENCES claim_chair (claim_id, person_id, chair)
);
CREATE INDEX line_decision_line ON line_decision (claim_id, line_id, id);
CREATE TABLE claim_decision (
  id {{id}},
  claim_id BIGINT NOT NULL REFERENCES claim(id),
  kind TEXT NOT NULL CHECK (kind IN ('verify','approve','audit','objection')),
  chair TEXT NOT NULL,
  person_id BIGINT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('award','reject','send_back')),
  reasons {{json}} NOT NULL,
  note TEXT NOT NULL,
  assessment {{json}} NOT NULL,
  award_minor BIGINT NOT NULL CHECK (award_minor >= 0),
  objection_id BIGINT,
  log_index BIGINT NOT NULL,
  decided_at {{instant}} NOT NULL,
  CHECK (note <> ''),
  CHECK ((kind = 'verify' AND chair = 'verifier') OR (kind = 'approve' AND chair = 'approver')
    OR (kind = 'audit' AND chair = 'auditor') OR (kind = 'objection' AND chair = 'reviewer')),
  CHECK ((kind = 'objection') = (objection_id IS NOT NULL)),
  FOREIGN KEY (claim_id, person_id, chair) REFERENCES claim_chair (claim_id, person_id, chair)
);
CREATE INDEX claim_decision_claim ON claim_decision (claim_id, id);
-- Undoing keeps the decision: one person asks with a note, another one agrees, and the step is open again.
CREATE TABLE claim_undo (
  id {{id}},
  claim_id BIGINT NOT NULL REFERENCES claim(id),
  decision_id BIGINT NOT NULL REFERENCES claim_decision(id),
  note TEXT NOT NULL CHECK (note <> ''),
  proposed_by BIGINT NOT NULL REFERENCES person(id),
  proposed_at {{instant}} NOT NULL,
  approved_by BIGINT REFERENCES person(id),
  approved_at {{instant}},
  refused_by BIGINT REFERENCES person(id),
  refused_at {{instant}},
  CHECK (approved_by <> proposed_by),
  CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  CHECK ((refused_by IS NULL) = (refused_at IS NULL)),
  CHECK (approved_at IS NULL OR refused_at IS NULL)
);
CREATE INDEX claim_undo_claim ON claim_undo (claim_id, id);
CREATE UNIQUE INDEX claim_undo_once ON claim_undo (decision_id) WHERE refused_at IS NULL;
CREATE TABLE claim_question (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  claim_id BIGINT NOT NULL REFERENCES claim(id),
  line_id BIGINT REFERENCES purchase_line(id),
  flag_id BIGINT REFERENCES claim_flag(id),
  question TEXT NOT NULL CHECK (question <> ''),
  asked_by BIGINT NOT NULL REFERENCES person(id),
  asked_at {{instant}} NOT NULL,
  due_at {{instant}} NOT NULL,
  answer TEXT NOT NULL DEFAULT '',
  documents {{json}} NOT NULL,
  answered_by BIGINT REFERENCES person(id),
  answered_at {{instant}},
  closed_at {{instant}},
  CHECK ((answered_by IS NULL) = (answered_at IS NULL))
);
CREATE INDEX claim_question_claim ON claim_question (claim_id, id);
CREATE INDEX claim_question_open ON claim_question (due_at) WHERE answered_at IS NULL AND closed_at IS NULL;
CREATE TABLE claim_hold (
  id {{id}},
  claim_id BIGINT NOT NULL REFERENCES claim(id),
  reason TEXT NOT NULL CHECK (reason IN ('site_visit','other_authority','supplier_inquiry','court','other')),
  note TEXT NOT NULL CHECK (note <> ''),
  begun_by BIGINT NOT NULL REFERENCES person(id),
  begun_at {{instant}} NOT NULL,
  ended_by BIGINT REFERENCES person(id),
  ended_at {{instant}},
  ended_note TEXT NOT NULL DEFAULT '',
  CHECK ((ended_by IS NULL) = (ended_at IS NULL))
);
CREATE INDEX claim_hold_claim ON claim_hold (claim_id, id);
CREATE UNIQUE INDEX claim_hold_one ON claim_hold (claim_id) WHERE ended_at IS NULL;
CREATE TABLE claim_objection (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  claim_id BIGINT NOT NULL REFERENCES claim(id),
  decision_id BIGINT NOT NULL REFERENCES claim_decision(id),
  body TEXT NOT NULL CHECK (body <> ''),
  documents {{json}} NOT NULL,
  raised_by BIGINT NOT NULL REFERENCES person(id),
  raised_at {{instant}} NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open','upheld','dismissed')),
  decided_at {{instant}},
  UNIQUE (decision_id),
  CHECK ((state = 'open') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX claim_objection_one ON claim_objection (claim_id) WHERE state = 'open';
CREATE INDEX claim_objection_claim ON claim_objection (claim_id, id);

-- Outcome -----------------------------------------------------------------------------------------------
-- The number of the mayor's decree. Before it an award is a recommendation; after it nothing is undone.
CREATE TABLE claim_sk (
  claim_id BIGINT PRIMARY KEY REFERENCES claim(id),
  number TEXT NOT NULL CHECK (number <> ''),
  decided_on DATE NOT NULL,
  recorded_by BIGINT NOT NULL REFERENCES person(id),
  recorded_at {{instant}} NOT NULL,
  log_index BIGINT NOT NULL
);
CREATE TABLE award_certificate (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  claim_id BIGINT NOT NULL UNIQUE REFERENCES claim(id),
  facts {{json}} NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('valid','superseded','revoked')),
  superseded_by BIGINT REFERENCES award_certificate(id),
  reason TEXT NOT NULL DEFAULT '',
  issued_at {{instant}} NOT NULL,
  changed_at {{instant}},
  CHECK ((state = 'valid') = (changed_at IS NULL)),
  CHECK (superseded_by IS NULL OR state = 'superseded')
);
CREATE INDEX award_certificate_state ON award_certificate (state, issued_at);
-- What a correction changed: above zero a top-up, below zero a clawback, settled with claims that come later.
CREATE TABLE award_adjustment (
  id {{id}},
  hotel_id BIGINT NOT NULL REFERENCES organisation(id),
  correction_id BIGINT NOT NULL UNIQUE REFERENCES claim(id),
  amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
  created_at {{instant}} NOT NULL
);
CREATE INDEX award_adjustment_hotel ON award_adjustment (hotel_id, id);
CREATE TABLE award_adjustment_use (
  adjustment_id BIGINT NOT NULL REFERENCES award_adjustment(id),
  claim_id BIGINT NOT NULL REFERENCES claim(id),
  amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
  used_at {{instant}} NOT NULL,
  PRIMARY KEY (adjustment_id, claim_id)
);
CREATE INDEX award_adjustment_use_claim ON award_adjustment_use (claim_id);
-- A budget that is smaller than the awards together, shared out to the rupiah among recommended claims.
CREATE TABLE budget_round (
  id {{id}},
  period TEXT NOT NULL,
  rule_id BIGINT NOT NULL REFERENCES rule_version(id),
  budget_minor BIGINT NOT NULL CHECK (budget_minor >= 0),
  state TEXT NOT NULL CHECK (state IN ('proposed','effective','withdrawn')),
  note TEXT NOT NULL DEFAULT '',
  proposed_by BIGINT NOT NULL REFERENCES person(id),
  proposed_at {{instant}} NOT NULL,
  approved_by BIGINT REFERENCES person(id),
  approved_at {{instant}},
  log_index BIGINT,
  CHECK (approved_by <> proposed_by),
  CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  CHECK (state <> 'effective' OR approved_by IS NOT NULL)
);
CREATE INDEX budget_round_period ON budget_round (period, id);
CREATE UNIQUE INDEX budget_round_one ON budget_round (period) WHERE state <> 'withdrawn';
CREATE TABLE budget_part (
  round_id BIGINT NOT NULL REFERENCES budget_round(id),
  claim_id BIGINT NOT NULL REFERENCES claim(id),
  asked_minor BIGINT NOT NULL CHECK (asked_minor >= 0),
  given_minor BIGINT NOT NULL CHECK (given_minor >= 0),
  PRIMARY KEY (round_id, claim_id),
  CHECK (given_minor <= asked_minor)
);
CREATE INDEX budget_part_claim ON budget_part (claim_id);

-- What must never change --------------------------------------------------------------------------------
-- @sqlite
CREATE TRIGGER rule_version_kept BEFORE UPDATE OF version, body, sha256, effective_from, effective_to, installed
  ON rule_version WHEN OLD.state NOT IN ('draft') OR OLD.used_at IS NOT NULL
  BEGIN SELECT RAISE(ABORT, 'append-only: this rule version is proposed, effective or used'); END;
CREATE TRIGGER rule_version_stays BEFORE UPDATE OF state ON rule_version
  WHEN OLD.state IN ('effective','withdrawn') AND NEW.state <> OLD.state
  BEGIN SELECT RAISE(ABORT, 'append-only: this rule version is in force'); END;
CREATE TRIGGER rule_version_no_delete BEFORE DELETE ON rule_version WHEN OLD.state <> 'draft'
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_uses_rule AFTER INSERT ON claim
  BEGIN UPDATE rule_version SET used_at = NEW.created_at WHERE id = NEW.rule_id AND used_at IS NULL; END;
CREATE TRIGGER claim_facts BEFORE UPDATE OF hotel_id, period, kind, corrects_id, rule_id, reference ON claim
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_snapshot BEFORE UPDATE OF stated_total_minor, difference_note, tax_principal_minor, statements,
  documents, assessment, local, denominator_minor, share, award_minor, capped_by, line_count, snapshot_sha256,
  submitted_by, submitted_at ON claim WHEN OLD.state <> 'draft'
  BEGIN SELECT RAISE(ABORT, 'append-only: the claim is submitted'); END;
CREATE TRIGGER claim_needs_approval BEFORE UPDATE OF state ON claim
  WHEN NEW.state = 'recommended' AND OLD.state <> 'recommended'
  AND NOT EXISTS (SELECT 1 FROM claim_decision d WHERE d.claim_id = NEW.id AND d.kind IN ('approve','objection')
    AND d.outcome = 'award')
  BEGIN SELECT RAISE(ABORT, 'four eyes: nobody approved this claim'); END;
CREATE TRIGGER claim_needs_sk BEFORE UPDATE OF state ON claim
  WHEN NEW.state = 'effective' AND NOT EXISTS (SELECT 1 FROM claim_sk s WHERE s.claim_id = NEW.id)
  BEGIN SELECT RAISE(ABORT, 'no decree is recorded for this claim'); END;
CREATE TRIGGER claim_after_sk BEFORE UPDATE OF state ON claim
  WHEN OLD.state IN ('effective','superseded') AND NEW.state NOT IN ('effective','superseded')
  BEGIN SELECT RAISE(ABORT, 'append-only: the decree is recorded'); END;
CREATE TRIGGER claim_no_delete BEFORE DELETE ON claim BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_line_no_update BEFORE UPDATE ON claim_line BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_line_no_delete BEFORE DELETE ON claim_line BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_event_no_update BEFORE UPDATE ON claim_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_event_no_delete BEFORE DELETE ON claim_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_flag_facts BEFORE UPDATE OF claim_id, rule, rule_version, subject, line_id, found, expected,
  facts, records, raised_at ON claim_flag BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_flag_no_delete BEFORE DELETE ON claim_flag BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_draw_facts BEFORE UPDATE OF claim_id, kind, round, candidates, seed_source, seed_after,
  committed_index, committed_at ON claim_draw BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_draw_once BEFORE UPDATE OF seed, result, drawn_at ON claim_draw WHEN OLD.seed IS NOT NULL
  BEGIN SELECT RAISE(ABORT, 'append-only: this draw is made'); END;
CREATE TRIGGER claim_draw_no_delete BEFORE DELETE ON claim_draw BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_chair_facts BEFORE UPDATE OF claim_id, person_id, chair, draw_id, seated_at ON claim_chair
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_chair_left BEFORE UPDATE OF left_at ON claim_chair WHEN OLD.left_at IS NOT NULL
  BEGIN SELECT RAISE(ABORT, 'append-only: this chair was given up'); END;
CREATE TRIGGER claim_chair_no_delete BEFORE DELETE ON claim_chair BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_chair_conflict BEFORE INSERT ON claim_chair WHEN EXISTS (
    SELECT 1 FROM claim k WHERE k.id = NEW.claim_id AND (
      EXISTS (SELECT 1 FROM officer_conflict c WHERE c.person_id = NEW.person_id
        AND c.organisation_id = k.hotel_id AND c.ended_at IS NULL)
      OR EXISTS (SELECT 1 FROM membership m WHERE m.person_id = NEW.person_id AND m.organisation_id = k.hotel_id)))
  BEGIN SELECT RAISE(ABORT, 'conflict of interest'); END;
CREATE TRIGGER claim_decision_conflict BEFORE INSERT ON claim_decision WHEN EXISTS (
    SELECT 1 FROM claim k WHERE k.id = NEW.claim_id AND (
      EXISTS (SELECT 1 FROM officer_conflict c WHERE c.person_id = NEW.person_id
        AND c.organisation_id = k.hotel_id AND c.ended_at IS NULL)
      OR EXISTS (SELECT 1 FROM membership m WHERE m.person_id = NEW.person_id AND m.organisation_id = k.hotel_id)))
  BEGIN SELECT RAISE(ABORT, 'conflict of interest'); END;
CREATE TRIGGER line_decision_no_update BEFORE UPDATE ON line_decision BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER line_decision_no_delete BEFORE DELETE ON line_decision BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_decision_no_update BEFORE UPDATE ON claim_decision BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_decision_no_delete BEFORE DELETE ON claim_decision BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_undo_facts BEFORE UPDATE OF claim_id, decision_id, note, proposed_by, proposed_at ON claim_undo
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_undo_barred BEFORE INSERT ON claim_undo
  WHEN EXISTS (SELECT 1 FROM claim_sk s WHERE s.claim_id = NEW.claim_id)
  BEGIN SELECT RAISE(ABORT, 'the decree is recorded: nothing is undone'); END;
CREATE TRIGGER claim_undo_agreed BEFORE UPDATE OF approved_at ON claim_undo
  WHEN EXISTS (SELECT 1 FROM claim_sk s WHERE s.claim_id = NEW.claim_id)
  BEGIN SELECT RAISE(ABORT, 'the decree is recorded: nothing is undone'); END;
CREATE TRIGGER claim_undo_no_delete BEFORE DELETE ON claim_undo BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_sk_no_update BEFORE UPDATE ON claim_sk BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER claim_sk_no_delete BEFORE DELETE ON claim_sk BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER award_certificate_facts BEFORE UPDATE OF reference, claim_id, facts, issued_at ON award_certificate
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER award_certificate_no_delete BEFORE DELETE ON award_certificate
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER award_adjustment_no_update BEFORE UPDATE ON award_adjustment
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER award_adjustment_no_delete BEFORE DELETE ON award_adjustment
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- @postgres
CREATE TRIGGER rule_version_kept BEFORE UPDATE OF version, body, sha256, effective_from, effective_to, installed
  ON rule_version FOR EACH ROW WHEN (OLD.state <> 'draft' OR OLD.used_at IS NOT NULL)
  EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rule_version_stays BEFORE UPDATE OF state ON rule_version FOR EACH ROW
  WHEN (OLD.state IN ('effective','withdrawn') AND NEW.state <> OLD.state) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rule_version_no_delete BEFORE DELETE ON rule_version FOR EACH ROW
  WHEN (OLD.state <> 'draft') EXECUTE FUNCTION refuse_change();
CREATE FUNCTION claim_uses_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE rule_version SET used_at = NEW.created_at WHERE id = NEW.rule_id AND used_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER claim_uses_rule AFTER INSERT ON claim FOR EACH ROW EXECUTE FUNCTION claim_uses_rule();
CREATE TRIGGER claim_facts BEFORE UPDATE OF hotel_id, period, kind, corrects_id, rule_id, reference ON claim
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_snapshot BEFORE UPDATE OF stated_total_minor, difference_note, tax_principal_minor, statements,
  documents, assessment, local, denominator_minor, share, award_minor, capped_by, line_count, snapshot_sha256,
  submitted_by, submitted_at ON claim FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION refuse_change();
CREATE FUNCTION claim_state_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state = 'recommended' AND OLD.state <> 'recommended' AND NOT EXISTS (SELECT 1 FROM claim_decision d
      WHERE d.claim_id = NEW.id AND d.kind IN ('approve','objection') AND d.outcome = 'award') THEN
    RAISE EXCEPTION 'four eyes: nobody approved this claim' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.state = 'effective' AND NOT EXISTS (SELECT 1 FROM claim_sk s WHERE s.claim_id = NEW.id) THEN
    RAISE EXCEPTION 'no decree is recorded for this claim' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.state IN ('effective','superseded') AND NEW.state NOT IN ('effective','superseded') THEN
    RAISE EXCEPTION 'append-only: the decree is recorded' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER claim_state_guard BEFORE UPDATE OF state ON claim FOR EACH ROW EXECUTE FUNCTION claim_state_guard();
CREATE TRIGGER claim_kept BEFORE DELETE OR TRUNCATE ON claim FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_line_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON claim_line
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON claim_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_flag_facts BEFORE UPDATE OF claim_id, rule, rule_version, subject, line_id, found, expected,
  facts, records, raised_at ON claim_flag FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_flag_kept BEFORE DELETE OR TRUNCATE ON claim_flag
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_draw_facts BEFORE UPDATE OF claim_id, kind, round, candidates, seed_source, seed_after,
  committed_index, committed_at ON claim_draw FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_draw_once BEFORE UPDATE OF seed, result, drawn_at ON claim_draw FOR EACH ROW
  WHEN (OLD.seed IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_draw_kept BEFORE DELETE OR TRUNCATE ON claim_draw
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_chair_facts BEFORE UPDATE OF claim_id, person_id, chair, draw_id, seated_at ON claim_chair
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_chair_left BEFORE UPDATE OF left_at ON claim_chair FOR EACH ROW
  WHEN (OLD.left_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_chair_kept BEFORE DELETE OR TRUNCATE ON claim_chair
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_conflict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM claim k WHERE k.id = NEW.claim_id AND (
      EXISTS (SELECT 1 FROM officer_conflict c WHERE c.person_id = NEW.person_id
        AND c.organisation_id = k.hotel_id AND c.ended_at IS NULL)
      OR EXISTS (SELECT 1 FROM membership m WHERE m.person_id = NEW.person_id
        AND m.organisation_id = k.hotel_id))) THEN
    RAISE EXCEPTION 'conflict of interest' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER claim_chair_conflict BEFORE INSERT ON claim_chair FOR EACH ROW EXECUTE FUNCTION refuse_conflict();
CREATE TRIGGER claim_decision_conflict BEFORE INSERT ON claim_decision
  FOR EACH ROW EXECUTE FUNCTION refuse_conflict();
CREATE TRIGGER line_decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON line_decision
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON claim_decision
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_undo_facts BEFORE UPDATE OF claim_id, decision_id, note, proposed_by, proposed_at ON claim_undo
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_undo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM claim_sk s WHERE s.claim_id = NEW.claim_id) THEN
    RAISE EXCEPTION 'the decree is recorded: nothing is undone' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER claim_undo_barred BEFORE INSERT OR UPDATE OF approved_at ON claim_undo
  FOR EACH ROW EXECUTE FUNCTION refuse_undo();
CREATE TRIGGER claim_undo_kept BEFORE DELETE OR TRUNCATE ON claim_undo
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_sk_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON claim_sk
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER award_certificate_facts BEFORE UPDATE OF reference, claim_id, facts, issued_at ON award_certificate
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER award_certificate_kept BEFORE DELETE OR TRUNCATE ON award_certificate
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER award_adjustment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON award_adjustment
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- @end

-- The reference rule, in force from the programme's beginning (`market.claims.rule_versions.R1`).
INSERT INTO rule_version (version, state, installed, body, sha256, effective_from, note, drafted_at) VALUES ('R1',
  'effective', TRUE,
  '{"audit":{"always_over":15000000,"first_claim":true,"percent":10},"cap_period":25000000,"cap_year":200000000,"category_minimums":{},"claim_window_days":60,"confirm_required_from":0,"effective_from":"2025-01-01","effective_to":null,"evidence_limit":5000000,"excluded_categories":["wages","tax","utilities","rent","finance","franchise_fees","intra_group"],"in_scope_categories":["food","drink","textile","building_material","other"],"late_entry_days":45,"legal_basis":"UU 1/2022 art. 101; PP 35/2023 art. 99","locality_prefixes":["53"],"min_period_spend":5000000,"programme_budget":null,"supplier_cap_bp":5000,"tax_instrument":"pbjt_hotel","tiers":[[2000,500],[3000,1000],[4000,1500]],"version":"R1","weights_bp":{"A":10000,"B":5000,"C":1000,"X":0}}',
  '72e038a68c6b637ee23a6d55738226d55263ba2d0e2dcbd0dbc232efb49d6557', '2025-01-01',
  'Reference rule of the programme', '2025-01-01 00:00:00+00:00');
