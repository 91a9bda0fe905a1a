"""Removing an organization for good: the one exception to the audit trail that only grows.

The app role can neither delete from the trail nor own a function that does. The functions here run as the migrator and
take no organization: they remove the open one, if it was founded as a sample, or was closed and its time to come back has
passed. What is a sample is settled at the founding, and a closing reaches at least a day ahead; no UPDATE of the app role
makes either out of a company that is open.
"""

from django.db import migrations

APPEND_ONLY = """
CREATE OR REPLACE FUNCTION organization_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  {exception}
  RAISE EXCEPTION 'The audit trail only grows: % is refused on %.', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""

# The app role is not the owner, so this branch is closed to its own DELETE; within the functions below it is the owner.
OWNER_REMOVES = """
  IF TG_OP = 'DELETE' THEN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = (SELECT oid FROM pg_roles WHERE rolname = current_user)
       AND EXISTS (SELECT 1 FROM organization_organization
                    WHERE id = OLD.organization_id AND (is_sample OR delete_after <= now())) THEN
      RETURN OLD;
    END IF;
  END IF;
"""

# `organization_remove_rows` is given to nobody: the functions that call it have looked whether it may go.
# Foreign keys are checked at the end of the transaction, so the order of the tables does not matter.
REMOVE = """
CREATE FUNCTION organization_remove_rows(gone bigint) RETURNS SETOF bigint LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
  tenant_table text;
BEGIN
  RETURN QUERY
    SELECT DISTINCT member.user_id FROM organization_member member
     WHERE member.organization_id = gone
       AND NOT EXISTS (SELECT 1 FROM organization_member other
                        WHERE other.user_id = member.user_id AND other.organization_id <> gone);
  FOR tenant_table IN
    SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
       AND attname = 'organization_id' AND NOT attisdropped
     ORDER BY relname
  LOOP
    EXECUTE format('DELETE FROM %I WHERE organization_id = $1', tenant_table) USING gone;
  END LOOP;
  DELETE FROM organization_organization WHERE id = gone;
END $$;
CREATE FUNCTION organization_remove_sample() RETURNS SETOF bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
  sample bigint := NULLIF(current_setting('app.organization_id', true), '')::bigint;
BEGIN
  PERFORM 1 FROM organization_organization WHERE id = sample AND is_sample FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Only an open sample company can be removed.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY SELECT organization_remove_rows(sample);
END $$;
CREATE FUNCTION organization_keep_sample() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Whether a company is a sample is settled when it is founded.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER organization_is_sample BEFORE UPDATE OF is_sample ON organization_organization
  FOR EACH ROW WHEN (OLD.is_sample IS DISTINCT FROM NEW.is_sample) EXECUTE FUNCTION organization_keep_sample();
"""

# Big tables that nothing refers to go first and in batches, each in a transaction of its own; the rest goes at once.
REMOVE_CLOSED = """
CREATE FUNCTION organization_refuse_open(gone bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM organization_organization WHERE id = gone AND delete_after <= now() FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Only an organization that was closed can be removed, after its time to come back.'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
END $$;
CREATE FUNCTION organization_clear_closed(most integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
  gone bigint := NULLIF(current_setting('app.organization_id', true), '')::bigint;
  tenant_table text;
  deleted bigint;
BEGIN
  PERFORM organization_refuse_open(gone);
  FOR tenant_table IN
    SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
       AND attname = 'organization_id' AND NOT attisdropped
       AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE confrelid = pg_class.oid AND contype = 'f')
     ORDER BY relname
  LOOP
    EXECUTE format('DELETE FROM %I WHERE ctid = ANY (ARRAY (SELECT ctid FROM %I WHERE organization_id = $1 LIMIT $2))',
                   tenant_table, tenant_table)
      USING gone, most;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    IF deleted > 0 THEN
      RETURN deleted;
    END IF;
  END LOOP;
  RETURN 0;
END $$;
CREATE FUNCTION organization_remove_closed() RETURNS SETOF bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
  gone bigint := NULLIF(current_setting('app.organization_id', true), '')::bigint;
BEGIN
  PERFORM organization_refuse_open(gone);
  RETURN QUERY SELECT organization_remove_rows(gone);
END $$;
CREATE FUNCTION organization_keep_days_of_grace() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'A closed organization can come back for a day at least, and not after its time.'
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER organization_delete_after BEFORE UPDATE OF delete_after ON organization_organization
  FOR EACH ROW WHEN (NEW.delete_after < now() + interval '23 hours' OR OLD.delete_after <= now())
  EXECUTE FUNCTION organization_keep_days_of_grace();
CREATE TRIGGER organization_born_open BEFORE INSERT ON organization_organization
  FOR EACH ROW WHEN (NEW.delete_after IS NOT NULL) EXECUTE FUNCTION organization_keep_days_of_grace();
"""
UNDO = """
DROP TRIGGER organization_is_sample ON organization_organization;
DROP FUNCTION organization_keep_sample();
DROP FUNCTION organization_remove_sample();
DROP FUNCTION organization_remove_rows(bigint);
"""
UNDO_CLOSED = """
DROP TRIGGER organization_delete_after ON organization_organization;
DROP TRIGGER organization_born_open ON organization_organization;
DROP FUNCTION organization_keep_days_of_grace();
DROP FUNCTION organization_remove_closed();
DROP FUNCTION organization_clear_closed(integer);
DROP FUNCTION organization_refuse_open(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("organization", "0002_walls")]

    operations = [
        migrations.RunSQL(APPEND_ONLY.format(exception=OWNER_REMOVES), APPEND_ONLY.format(exception="")),
        migrations.RunSQL(REMOVE, UNDO),
        migrations.RunSQL(REMOVE_CLOSED, UNDO_CLOSED),
    ]
