-- Splits the tables that a check reads into sixteen parts by key. Run it in one transaction while nothing writes, and on
-- a copy first; what it brings and what it costs is in docs/SCALING.md.

ALTER TABLE consent_suppression RENAME TO whole_suppression;
ALTER TABLE consent_permission RENAME TO whole_permission;
ALTER TABLE consent_hold RENAME TO whole_hold;

CREATE TABLE consent_suppression (LIKE whole_suppression INCLUDING DEFAULTS INCLUDING IDENTITY) PARTITION BY HASH (key);
CREATE TABLE consent_permission (LIKE whole_permission INCLUDING DEFAULTS INCLUDING IDENTITY) PARTITION BY HASH (key);
CREATE TABLE consent_hold (LIKE whole_hold INCLUDING DEFAULTS INCLUDING IDENTITY) PARTITION BY HASH (key);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['suppression', 'permission', 'hold'] LOOP
        FOR part IN 0..15 LOOP
            EXECUTE format(
                'CREATE TABLE consent_%1$s_%2$s PARTITION OF consent_%1$s FOR VALUES WITH (MODULUS 16, REMAINDER %2$s)',
                name, part
            );
        END LOOP;
        EXECUTE format('INSERT INTO consent_%1$s OVERRIDING SYSTEM VALUE SELECT * FROM whole_%1$s', name);
        EXECUTE format('DROP TABLE whole_%s', name);
        EXECUTE format('ALTER TABLE consent_%s ADD PRIMARY KEY (key, id)', name);
        EXECUTE format(
            'SELECT setval(pg_get_serial_sequence(''consent_%1$s'', ''id''), coalesce(max(id), 0) + 1) FROM consent_%1$s',
            name
        );
    END LOOP;
END $$;

ALTER TABLE consent_suppression ADD CONSTRAINT suppression_once
    UNIQUE NULLS NOT DISTINCT (key, controller_id, topic_id, cause, sender);
ALTER TABLE consent_permission ADD CONSTRAINT permission_once UNIQUE NULLS NOT DISTINCT (key, controller_id, topic_id);
CREATE INDEX suppression_until ON consent_suppression (until) WHERE until IS NOT NULL;
CREATE INDEX permission_until ON consent_permission (until) WHERE until IS NOT NULL;
CREATE INDEX hold_inbound ON consent_hold (inbound_id);

CREATE TRIGGER notes_fresh_insert AFTER INSERT ON consent_suppression REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION consent_note_fresh();
CREATE TRIGGER notes_fresh_update AFTER UPDATE ON consent_suppression REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION consent_note_fresh();
CREATE TRIGGER notes_fresh_insert AFTER INSERT ON consent_permission REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION consent_note_fresh();
CREATE TRIGGER notes_fresh_update AFTER UPDATE ON consent_permission REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION consent_note_fresh();
