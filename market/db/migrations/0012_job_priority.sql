-- Confirming a paid booking goes before writing mails about others.
ALTER TABLE job ADD COLUMN priority INTEGER NOT NULL DEFAULT 5;
DROP INDEX job_due;
CREATE INDEX job_due ON job (priority, due_at, id) WHERE state = 'ready';
