-- When a use case wants to be asked what did not happen, in microseconds since the Unix epoch; 0 for never.
ALTER TABLE rule_states ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX rule_states_due ON rule_states (route, due_at);

-- What somebody has set about a use case, as a JSON object; what is not in it has its default.
CREATE TABLE use_case_settings (
    use_case TEXT PRIMARY KEY,
    settings TEXT NOT NULL
);

-- Alerts are counted and listed by use case and route.
ALTER TABLE alerts ADD COLUMN use_case TEXT NOT NULL DEFAULT 'steady-clicks';
ALTER TABLE alerts ADD COLUMN route TEXT NOT NULL DEFAULT '';
CREATE INDEX alerts_use_case ON alerts (use_case, route, detected_at);
UPDATE alerts SET route = 'http-push' WHERE alert LIKE '%"route":"http-push"%';
UPDATE alerts SET route = 'http-poll' WHERE alert LIKE '%"route":"http-poll"%';
UPDATE alerts SET route = 'kafka' WHERE alert LIKE '%"route":"kafka"%';
