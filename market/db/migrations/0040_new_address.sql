-- An account that moves to another email address: asked for by the person, done by the link in a mail to the new
-- address. One wish at a time; a new one replaces the old. `token_hash` starts with "asked:" until the mail is written.
CREATE TABLE address_change (
  person_id BIGINT PRIMARY KEY REFERENCES person(id),
  token_hash TEXT NOT NULL UNIQUE,
  email TEXT NOT NULL,
  created_at {{instant}} NOT NULL,
  expires_at {{instant}} NOT NULL
);
