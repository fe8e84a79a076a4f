-- The supplier directory: pages, products with their year, origin decisions, certificates, who may act for
-- whom, and quotations up to the purchase they promise. Decisions and acts are only ever added.
CREATE TABLE supplier (
  id {{id}},
  organisation_id BIGINT NOT NULL UNIQUE REFERENCES organisation(id),
  code TEXT NOT NULL UNIQUE,
  slug TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('producer','weaver','bumdes','cooperative','collector','reseller')),
  status TEXT NOT NULL CHECK (status IN ('draft','published','paused')),
  name TEXT NOT NULL,
  sole_trader BOOLEAN NOT NULL,
  name_consent BOOLEAN NOT NULL DEFAULT FALSE,
  area_code TEXT NOT NULL,
  kabupaten TEXT NOT NULL,
  island TEXT NOT NULL,
  people_count INTEGER CHECK (people_count IS NULL OR people_count BETWEEN 1 AND 100000),
  nib TEXT NOT NULL DEFAULT '',
  npwp TEXT NOT NULL DEFAULT '',
  texts {{json}} NOT NULL,
  created_at {{instant}} NOT NULL,
  updated_at {{instant}} NOT NULL
);
CREATE INDEX supplier_public ON supplier (status, island, kabupaten);
CREATE TABLE supplier_product (
  id {{id}},
  supplier_id BIGINT NOT NULL REFERENCES supplier(id),
  slug TEXT NOT NULL,
  position INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL CHECK (status IN ('offered','withdrawn')),
  category TEXT NOT NULL CHECK (category IN ('food','drink','textile','building_material','other')),
  texts {{json}} NOT NULL,
  unit TEXT NOT NULL,
  price_low_minor BIGINT CHECK (price_low_minor IS NULL OR price_low_minor > 0),
  price_high_minor BIGINT CHECK (price_high_minor IS NULL OR price_high_minor >= price_low_minor),
  stated_origin TEXT NOT NULL CHECK (stated_origin IN ('A','B','C','X')),
  stated_evidence TEXT NOT NULL DEFAULT '',
  judged_as TEXT NOT NULL,
  created_at {{instant}} NOT NULL,
  updated_at {{instant}} NOT NULL,
  UNIQUE (supplier_id, slug),
  CHECK ((price_low_minor IS NULL) = (price_high_minor IS NULL))
);
CREATE INDEX supplier_product_category ON supplier_product (category, supplier_id) WHERE status = 'offered';
-- A row for every month: what can be delivered then (NULL when not stated), and whether it is the season.
CREATE TABLE product_month (
  product_id BIGINT NOT NULL REFERENCES supplier_product(id),
  month INTEGER NOT NULL CHECK (month BETWEEN 1 AND 12),
  capacity BIGINT CHECK (capacity IS NULL OR capacity >= 0),
  in_season BOOLEAN NOT NULL,
  PRIMARY KEY (product_id, month)
);
-- The newest row of a product holds. `about` is what the product was when it was judged (its `judged_as`): a
-- product that changed since then has to be judged again.
CREATE TABLE origin_decision (
  id {{id}},
  product_id BIGINT NOT NULL REFERENCES supplier_product(id),
  origin TEXT NOT NULL CHECK (origin IN ('A','B','C','X')),
  evidence {{json}} NOT NULL,
  about TEXT NOT NULL,
  decided_by BIGINT NOT NULL REFERENCES person(id),
  office TEXT NOT NULL,
  decided_on DATE NOT NULL,
  expires_on DATE NOT NULL,
  created_at {{instant}} NOT NULL,
  CHECK (expires_on > decided_on)
);
CREATE INDEX origin_decision_product ON origin_decision (product_id, id);
CREATE TABLE certificate (
  id {{id}},
  supplier_id BIGINT NOT NULL REFERENCES supplier(id),
  product_id BIGINT REFERENCES supplier_product(id),
  kind TEXT NOT NULL CHECK (kind IN ('p_irt','halal','declared_non_halal','other')),
  title TEXT NOT NULL DEFAULT '',
  number TEXT NOT NULL DEFAULT '',
  issuer TEXT NOT NULL DEFAULT '',
  expires_on DATE,
  created_at {{instant}} NOT NULL,
  removed_at {{instant}}
);
CREATE INDEX certificate_supplier ON certificate (supplier_id) WHERE removed_at IS NULL;
-- A BUMDes or cooperative that keeps the page and answers for a member.
CREATE TABLE supplier_agent (
  id {{id}},
  supplier_id BIGINT NOT NULL REFERENCES supplier(id),
  agent_id BIGINT NOT NULL REFERENCES organisation(id),
  agreed_at {{instant}} NOT NULL,
  ended_at {{instant}}
);
CREATE UNIQUE INDEX supplier_agent_one ON supplier_agent (supplier_id) WHERE ended_at IS NULL;
CREATE INDEX supplier_agent_agent ON supplier_agent (agent_id) WHERE ended_at IS NULL;
-- Who changed what on a page; `agent_id` when somebody did it on the supplier's behalf.
CREATE TABLE supplier_act (
  id {{id}},
  supplier_id BIGINT NOT NULL REFERENCES supplier(id),
  name TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT '',
  person_id BIGINT NOT NULL REFERENCES person(id),
  agent_id BIGINT REFERENCES organisation(id),
  at {{instant}} NOT NULL
);
CREATE INDEX supplier_act_supplier ON supplier_act (supplier_id, id);
CREATE TABLE supplier_word (
  word TEXT NOT NULL,
  strong BOOLEAN NOT NULL,
  supplier_id BIGINT NOT NULL REFERENCES supplier(id),
  PRIMARY KEY (word, supplier_id)
);
CREATE INDEX supplier_word_supplier ON supplier_word (supplier_id);

-- Quotations --------------------------------------------------------------------------------------------
CREATE TABLE quotation (
  id {{id}},
  reference TEXT NOT NULL UNIQUE,
  request_key TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('asked','answered','declined','withdrawn','accepted','refused')),
  hotel_id BIGINT NOT NULL REFERENCES organisation(id),
  supplier_id BIGINT NOT NULL REFERENCES supplier(id),
  product_id BIGINT NOT NULL REFERENCES supplier_product(id),
  quantity BIGINT NOT NULL CHECK (quantity > 0),
  unit TEXT NOT NULL,
  wanted_on DATE NOT NULL,
  place TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  asked_by BIGINT NOT NULL REFERENCES person(id),
  asked_at {{instant}} NOT NULL,
  unit_price_minor BIGINT CHECK (unit_price_minor IS NULL OR unit_price_minor > 0),
  delivery_minor BIGINT CHECK (delivery_minor IS NULL OR delivery_minor >= 0),
  total_minor BIGINT CHECK (total_minor IS NULL OR total_minor = unit_price_minor * quantity + delivery_minor),
  deliver_on DATE,
  valid_until DATE,
  answer TEXT NOT NULL DEFAULT '',
  answered_by BIGINT REFERENCES person(id),
  answered_for BIGINT REFERENCES organisation(id),
  answered_at {{instant}},
  decided_by BIGINT REFERENCES person(id),
  decided_at {{instant}},
  reason TEXT NOT NULL DEFAULT '',
  CHECK (state NOT IN ('answered','accepted') OR total_minor IS NOT NULL)
);
CREATE INDEX quotation_hotel ON quotation (hotel_id, state, id);
CREATE INDEX quotation_supplier ON quotation (supplier_id, state, id);
CREATE TABLE expected_purchase (
  id {{id}},
  quotation_id BIGINT NOT NULL UNIQUE REFERENCES quotation(id),
  hotel_id BIGINT NOT NULL REFERENCES organisation(id),
  supplier_id BIGINT NOT NULL REFERENCES supplier(id),
  product_id BIGINT NOT NULL REFERENCES supplier_product(id),
  category TEXT NOT NULL,
  quantity BIGINT NOT NULL CHECK (quantity > 0),
  unit TEXT NOT NULL,
  net_minor BIGINT NOT NULL CHECK (net_minor > 0),
  currency TEXT NOT NULL,
  expected_on DATE NOT NULL,
  accepted_by BIGINT NOT NULL REFERENCES person(id),
  created_at {{instant}} NOT NULL
);
CREATE INDEX expected_purchase_hotel ON expected_purchase (hotel_id, expected_on);

-- @sqlite
CREATE TRIGGER origin_decision_no_update BEFORE UPDATE ON origin_decision BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER origin_decision_no_delete BEFORE DELETE ON origin_decision BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER supplier_act_no_update BEFORE UPDATE ON supplier_act BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER supplier_act_no_delete BEFORE DELETE ON supplier_act BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- @postgres
CREATE TRIGGER origin_decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON origin_decision
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER supplier_act_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON supplier_act
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- @end
