-- Second factors and their recovery codes, the device behind a session, and mails whose words are erased once
-- they are handed over (they carry links that sign somebody in).
ALTER TABLE person ADD COLUMN totp_step BIGINT NOT NULL DEFAULT 0;
ALTER TABLE web_session ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery ADD COLUMN confidential BOOLEAN NOT NULL DEFAULT FALSE;
CREATE TABLE recovery_code (
  id {{id}},
  person_id BIGINT NOT NULL REFERENCES person(id),
  code_hash TEXT NOT NULL UNIQUE,
  created_at {{instant}} NOT NULL,
  used_at {{instant}}
);
CREATE INDEX recovery_code_person ON recovery_code (person_id);
CREATE INDEX one_time_token_email ON one_time_token (email);
CREATE INDEX delivery_recipient ON delivery (recipient);
