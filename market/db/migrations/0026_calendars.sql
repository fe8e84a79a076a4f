-- Calendars of other sites: the secret feed of a room, what it told with which number, the addresses that hosts
-- link, and the windows read there. Of other people's events only days are kept, never words or names.
-- How many of the blocked rooms of a night are sold or closed elsewhere: nobody but the sync may free those.
ALTER TABLE slot ADD COLUMN imported INTEGER NOT NULL DEFAULT 0 CHECK (imported >= 0 AND imported <= blocked);
CREATE TABLE calendar_feed (
  room_type_id BIGINT PRIMARY KEY REFERENCES room_type(id) ON DELETE CASCADE,
  version INTEGER NOT NULL CHECK (version > 0),
  token_hash TEXT NOT NULL UNIQUE,
  made_at {{instant}} NOT NULL,
  read_at {{instant}}
);
CREATE TABLE calendar_link (
  id {{id}},
  room_type_id BIGINT NOT NULL REFERENCES room_type(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('airbnb','booking','google','other')),
  url TEXT NOT NULL,
  problem TEXT NOT NULL DEFAULT '',
  failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
  echoes INTEGER NOT NULL DEFAULT 0,
  created_by BIGINT REFERENCES person(id),
  created_at {{instant}} NOT NULL,
  asked_at {{instant}} NOT NULL,
  checked_at {{instant}},
  good_at {{instant}},
  next_at {{instant}} NOT NULL,
  read_at {{instant}},
  UNIQUE (room_type_id, url)
);
CREATE INDEX calendar_link_due ON calendar_link (next_at);
-- An event of a linked calendar, from the last complete reading.
CREATE TABLE calendar_window (
  id {{id}},
  link_id BIGINT NOT NULL REFERENCES calendar_link(id) ON DELETE CASCADE,
  uid_hash TEXT NOT NULL,
  starts_on DATE NOT NULL,
  ends_on DATE NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('reserved','unavailable')),
  first_seen_at {{instant}} NOT NULL,
  UNIQUE (link_id, uid_hash),
  CHECK (ends_on > starts_on)
);
-- What a window did to each night: a room taken; waiting while a guest is paying; in conflict with a booking;
-- or an echo of what our own feed told that calendar.
CREATE TABLE calendar_night (
  id {{id}},
  window_id BIGINT NOT NULL REFERENCES calendar_window(id) ON DELETE CASCADE,
  slot_id BIGINT NOT NULL REFERENCES slot(id) ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('taken','waiting','conflict','echo')),
  since_at {{instant}} NOT NULL,
  UNIQUE (window_id, slot_id)
);
CREATE INDEX calendar_night_slot ON calendar_night (slot_id);
CREATE INDEX calendar_night_open ON calendar_night (state, window_id) WHERE state IN ('conflict','waiting');
-- What a feed last told, so that an event keeps its id and its number rises when it changes. `link_id` is 0 for
-- the room's own feed; a linked calendar is told everything but what came from itself.
CREATE TABLE calendar_entry (
  id {{id}},
  room_type_id BIGINT NOT NULL REFERENCES room_type(id) ON DELETE CASCADE,
  link_id BIGINT NOT NULL DEFAULT 0,
  uid TEXT NOT NULL,
  subject TEXT NOT NULL,
  starts_on DATE NOT NULL,
  ends_on DATE NOT NULL,
  sequence INTEGER NOT NULL DEFAULT 0,
  changed_at {{instant}} NOT NULL,
  UNIQUE (room_type_id, link_id, uid),
  CHECK (ends_on > starts_on)
);
