-- A ledger whose numbers have too many gaps is closed: its sets are empty, its counts are final, and `refused` counts the
-- events that came after. `resumed` is 1 for a session whose earlier ledger may be among the pruned ones.
ALTER TABLE accounts ADD COLUMN closed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN refused BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN resumed BIGINT NOT NULL DEFAULT 0;

-- The sums of the ledgers that were pruned. All of them were last touched at `pruned_until` or before.
CREATE TABLE pruned_accounts (
    route TEXT PRIMARY KEY,
    pruned_until BIGINT NOT NULL DEFAULT 0,
    ledgers BIGINT NOT NULL DEFAULT 0,
    reported_at BIGINT NOT NULL DEFAULT 0,
    emitted_count BIGINT NOT NULL DEFAULT 0,
    processed_count BIGINT NOT NULL DEFAULT 0,
    rejected_count BIGINT NOT NULL DEFAULT 0,
    shed_count BIGINT NOT NULL DEFAULT 0,
    in_flight_count BIGINT NOT NULL DEFAULT 0,
    missing_count BIGINT NOT NULL DEFAULT 0,
    duplicates BIGINT NOT NULL DEFAULT 0,
    reordered BIGINT NOT NULL DEFAULT 0,
    refused BIGINT NOT NULL DEFAULT 0,
    residual BIGINT NOT NULL DEFAULT 0
);

-- When a use case last wrote its memory. Memories from before this column are as old as the latest ledger.
ALTER TABLE rule_states ADD COLUMN touched_at BIGINT NOT NULL DEFAULT 0;
UPDATE rule_states SET touched_at = (SELECT COALESCE(MAX(touched_at), 0) FROM accounts);
CREATE INDEX rule_states_touched ON rule_states (touched_at);

-- How many alerts were pruned.
CREATE TABLE pruned_alerts (
    use_case TEXT NOT NULL,
    route TEXT NOT NULL,
    alerts BIGINT NOT NULL,
    PRIMARY KEY (use_case, route)
);
