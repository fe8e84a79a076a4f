-- How much there is in each place is read from this index alone, whatever the number of listings.
CREATE INDEX listing_places ON listing (status, village_id, island, kabupaten);
