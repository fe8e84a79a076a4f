-- Houses in which tours sleep already have agreed to it in their own way; from now on the yes is a row.
INSERT INTO sleep_consent (listing_id, room_type_id, state, asked_at, answered_at)
  SELECT DISTINCT t.id, r.id, 'yes', t.created_at, t.created_at
    FROM listing_step s JOIN listing t ON t.id = s.listing_id
    JOIN room_type r ON r.id = s.room_type_id JOIN listing l ON l.id = r.listing_id
   WHERE l.host_id <> t.host_id;
