-- The one row of a site under repair: while it is there no job is taken, no duty runs, and guests see a closed door.
CREATE TABLE maintenance (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  reason TEXT NOT NULL,
  since {{instant}} NOT NULL
);
