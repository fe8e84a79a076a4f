-- The keys of documents that hotels add to claims, sealed with the installation's secret. They stand apart from
-- the claim, which cannot be changed once it is submitted: secrets rotate, and destroying a key erases its file.
CREATE TABLE claim_document_key (
  reference TEXT PRIMARY KEY,
  claim_id BIGINT NOT NULL REFERENCES claim(id),
  sealed_key TEXT NOT NULL,
  sealed_at {{instant}} NOT NULL
);
CREATE INDEX claim_document_key_claim ON claim_document_key (claim_id);
