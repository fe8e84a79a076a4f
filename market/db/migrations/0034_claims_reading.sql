-- What the flags of a claim look for across hotels: a number on another paper, papers of one tax number, and
-- the amounts of a month.
CREATE INDEX purchase_document_same_number ON purchase_document (number_key)
  WHERE status = 'live' AND number_key <> '';
CREATE INDEX purchase_document_seller_npwp ON purchase_document (seller_npwp, invoice_on) WHERE seller_npwp <> '';
CREATE INDEX purchase_line_month ON purchase_line (period, hotel_id, net_minor) WHERE live;
CREATE INDEX supplier_npwp ON supplier (npwp) WHERE npwp <> '';
