-- Conversations: a host's saved texts, pictures, what was hidden before a booking was confirmed, replies by mail.
CREATE TABLE message_template (
  id {{id}},
  host_id BIGINT NOT NULL REFERENCES organisation(id),
  title TEXT NOT NULL,
  texts {{json}} NOT NULL,
  changed_by BIGINT REFERENCES person(id),
  changed_at {{instant}} NOT NULL
);
CREATE INDEX message_template_host ON message_template (host_id, id);
CREATE TABLE message_picture (
  id {{id}},
  message_id BIGINT NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('waiting','ready','failed')),
  original_key TEXT NOT NULL,
  small_key TEXT NOT NULL DEFAULT '',
  large_key TEXT NOT NULL DEFAULT '',
  width INTEGER NOT NULL DEFAULT 0,
  height INTEGER NOT NULL DEFAULT 0,
  created_at {{instant}} NOT NULL
);
CREATE INDEX message_picture_message ON message_picture (message_id, id);
-- That something was hidden, and of what kind; never what it was.
CREATE TABLE message_masking (
  id {{id}},
  message_id BIGINT NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  kinds TEXT NOT NULL,
  at {{instant}} NOT NULL
);
CREATE INDEX message_masking_message ON message_masking (message_id);
-- Where answers to a mail go, by the key of its delivery.
CREATE TABLE delivery_reply (
  dedupe_key TEXT PRIMARY KEY,
  address TEXT NOT NULL
);
-- Mails that came in, by a hash of their own id, so that one counts once. Their words are kept as messages only.
CREATE TABLE mail_inbound (
  id {{id}},
  key TEXT NOT NULL UNIQUE,
  outcome TEXT NOT NULL,
  message_id BIGINT REFERENCES message(id) ON DELETE SET NULL,
  received_at {{instant}} NOT NULL
);
CREATE INDEX mail_inbound_received ON mail_inbound (received_at);
