-- The bytes of all stored events, so that the store's bound needs no sum over them.
ALTER TABLE head ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;
UPDATE head SET bytes = (SELECT CAST(COALESCE(SUM(OCTET_LENGTH(events)), 0) AS BIGINT) FROM stored_pages);
