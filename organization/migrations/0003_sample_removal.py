"""Removing a sample company for good: the one exception to the audit trail that only grows.

The app role can neither delete from the trail nor own a function that does. `organization_remove_sample` runs as the
migrator and takes no argument: it removes the organization that is open, if that was founded as a sample. What is a
sample is settled at the founding; no later UPDATE can make a real company one.
"""

from django.db import migrations

APPEND_ONLY = """
CREATE OR REPLACE FUNCTION organization_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  {exception}
  RAISE EXCEPTION 'The audit trail only grows: % is refused on %.', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""

# The app role is not the owner, so this branch is closed to its own DELETE; within the function below it is the owner.
OWNER_REMOVES_A_SAMPLE = """
  IF TG_OP = 'DELETE' THEN
    IF (SELECT relowner FROM pg_class WHERE oid = TG_RELID) = (SELECT oid FROM pg_roles WHERE rolname = current_user)
       AND EXISTS (SELECT 1 FROM organization_organization WHERE id = OLD.organization_id AND is_sample) THEN
      RETURN OLD;
    END IF;
  END IF;
"""

# Foreign keys are checked at the end of the transaction, so the order of the tables does not matter.
REMOVE = """
CREATE FUNCTION organization_remove_sample() RETURNS SETOF bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
  sample bigint := NULLIF(current_setting('app.organization_id', true), '')::bigint;
  tenant_table text;
BEGIN
  PERFORM 1 FROM organization_organization WHERE id = sample AND is_sample FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Only an open sample company can be removed.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY
    SELECT DISTINCT member.user_id FROM organization_member member
     WHERE member.organization_id = sample
       AND NOT EXISTS (SELECT 1 FROM organization_member other
                        WHERE other.user_id = member.user_id AND other.organization_id <> sample);
  FOR tenant_table IN
    SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
       AND attname = 'organization_id' AND NOT attisdropped
     ORDER BY relname
  LOOP
    EXECUTE format('DELETE FROM %I WHERE organization_id = $1', tenant_table) USING sample;
  END LOOP;
  DELETE FROM organization_organization WHERE id = sample;
END $$;
CREATE FUNCTION organization_keep_sample() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Whether a company is a sample is settled when it is founded.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER organization_is_sample BEFORE UPDATE OF is_sample ON organization_organization
  FOR EACH ROW WHEN (OLD.is_sample IS DISTINCT FROM NEW.is_sample) EXECUTE FUNCTION organization_keep_sample();
"""
UNDO = """
DROP TRIGGER organization_is_sample ON organization_organization;
DROP FUNCTION organization_keep_sample();
DROP FUNCTION organization_remove_sample();
"""


class Migration(migrations.Migration):
    dependencies = [("organization", "0002_walls")]

    operations = [
        migrations.RunSQL(APPEND_ONLY.format(exception=OWNER_REMOVES_A_SAMPLE), APPEND_ONLY.format(exception="")),
        migrations.RunSQL(REMOVE, UNDO),
    ]
