-- The public log. An entry is appended in the business event's own transaction; its position has no gaps because
-- the one row of log_head hands it out. Salts and facts stand apart: they can be destroyed, entries cannot.
CREATE TABLE log_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  size BIGINT NOT NULL CHECK (size >= 0),
  peaks TEXT NOT NULL
);
INSERT INTO log_head (id, size, peaks) VALUES (1, 0, '');
CREATE TABLE log_entry (
  position BIGINT NOT NULL PRIMARY KEY CHECK (position >= 0),
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  at {{instant}} NOT NULL,
  leaf TEXT NOT NULL,
  leaf_hash TEXT NOT NULL
);
CREATE INDEX log_entry_subject ON log_entry (subject, position);
CREATE INDEX log_entry_kind ON log_entry (kind, position);
CREATE INDEX log_entry_hash ON log_entry (leaf_hash);
-- Roots of the complete subtrees; those of single leaves stand with their entries.
CREATE TABLE log_node (
  level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 62),
  position BIGINT NOT NULL CHECK (position >= 0),
  hash TEXT NOT NULL,
  PRIMARY KEY (level, position)
);
-- What opens a commitment. Deleting a row erases the facts and leaves the log as valid as before.
CREATE TABLE log_opening (
  position BIGINT NOT NULL PRIMARY KEY REFERENCES log_entry(position),
  salt TEXT NOT NULL,
  facts TEXT NOT NULL
);
CREATE TABLE log_checkpoint (
  id {{id}},
  size BIGINT NOT NULL UNIQUE CHECK (size >= 0),
  root TEXT NOT NULL,
  note TEXT NOT NULL,
  at {{instant}} NOT NULL
);
-- Outsiders who get every day's checkpoint by mail.
CREATE TABLE log_witness (
  id {{id}},
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  locale TEXT NOT NULL,
  added_by BIGINT NOT NULL REFERENCES person(id),
  added_at {{instant}} NOT NULL,
  removed_by BIGINT REFERENCES person(id),
  removed_at {{instant}},
  CHECK ((removed_by IS NULL) = (removed_at IS NULL))
);
CREATE UNIQUE INDEX log_witness_active ON log_witness (address) WHERE removed_at IS NULL;
CREATE TABLE log_witness_mail (
  id {{id}},
  witness_id BIGINT NOT NULL REFERENCES log_witness(id),
  checkpoint_id BIGINT NOT NULL REFERENCES log_checkpoint(id),
  purpose TEXT NOT NULL CHECK (purpose IN ('daily','test')),
  dedupe_key TEXT NOT NULL UNIQUE,
  at {{instant}} NOT NULL
);
CREATE INDEX log_witness_mail_witness ON log_witness_mail (witness_id, id);
-- How far the rows of a table are covered by entries of the log.
CREATE TABLE log_seal (
  id {{id}},
  table_name TEXT NOT NULL,
  first_id BIGINT NOT NULL,
  last_id BIGINT NOT NULL CHECK (last_id >= first_id),
  position BIGINT NOT NULL UNIQUE REFERENCES log_entry(position)
);
CREATE UNIQUE INDEX log_seal_table ON log_seal (table_name, last_id);

-- @sqlite
CREATE TRIGGER log_entry_no_update BEFORE UPDATE ON log_entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER log_entry_no_delete BEFORE DELETE ON log_entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER log_node_no_update BEFORE UPDATE ON log_node BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER log_node_no_delete BEFORE DELETE ON log_node BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER log_opening_no_update BEFORE UPDATE ON log_opening BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER log_checkpoint_no_update BEFORE UPDATE ON log_checkpoint BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER log_checkpoint_no_delete BEFORE DELETE ON log_checkpoint BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER log_witness_mail_no_update BEFORE UPDATE ON log_witness_mail BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER log_witness_mail_no_delete BEFORE DELETE ON log_witness_mail BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER log_seal_no_update BEFORE UPDATE ON log_seal BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER log_seal_no_delete BEFORE DELETE ON log_seal BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER log_head_only_grows BEFORE UPDATE ON log_head WHEN NEW.size < OLD.size BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER log_head_no_delete BEFORE DELETE ON log_head BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- @postgres
CREATE FUNCTION refuse_shrinking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.size < OLD.size THEN
    RAISE EXCEPTION 'append-only' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER log_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_node_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_node
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_opening_never_edited BEFORE UPDATE OR TRUNCATE ON log_opening
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_witness_mail_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_witness_mail
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_seal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_seal
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_head_no_delete BEFORE DELETE OR TRUNCATE ON log_head
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_head_only_grows BEFORE UPDATE ON log_head
  FOR EACH ROW EXECUTE FUNCTION refuse_shrinking();
-- @end
