-- What the demonstration card provider knows: its own books, apart from ours, as a real provider's would be.
CREATE TABLE demo_checkout (
  id {{id}},
  payment_reference TEXT NOT NULL UNIQUE,
  request_key TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open','expired','authorised','paid','voided')),
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  refunded_minor BIGINT NOT NULL DEFAULT 0,
  capture_later BOOLEAN NOT NULL,
  description TEXT NOT NULL,
  return_url TEXT NOT NULL,
  cancel_url TEXT NOT NULL,
  refunds {{json}} NOT NULL,
  expires_at {{instant}} NOT NULL,
  CHECK (refunded_minor BETWEEN 0 AND amount_minor)
);
