"""Row-level security, compound keys, an audit trail that only grows, and a tree of departments without circles."""

from django.db import migrations

from ops_platform.database.walls import SETTING, BuildWalls

PERSON = "(SELECT NULLIF(current_setting('app.user_id', true), '')::bigint)"

# A person sees their own memberships in every organization, which decides the organizations they may choose from.
OWN_MEMBERSHIPS = f"""
CREATE POLICY person ON organization_member FOR SELECT USING (user_id = {PERSON});
ALTER TABLE organization_organization ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization_organization FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON organization_organization USING (id = {SETTING}) WITH CHECK (id = {SETTING});
CREATE POLICY person ON organization_organization FOR SELECT
  USING (id IN (SELECT organization_id FROM organization_member WHERE user_id = {PERSON}));
"""  # noqa: S608  # constants of ours

APPEND_ONLY = """
CREATE FUNCTION organization_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The audit trail only grows: % is refused on %.', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER organization_auditentry_rows BEFORE UPDATE OR DELETE ON organization_auditentry
  FOR EACH ROW EXECUTE FUNCTION organization_refuse_change();
CREATE TRIGGER organization_auditentry_table BEFORE TRUNCATE ON organization_auditentry
  FOR EACH STATEMENT EXECUTE FUNCTION organization_refuse_change();
"""

# Looks at the rows as the transaction leaves them: a subtree moves in several statements.
IN_TREE = """
CREATE FUNCTION organization_department_in_tree() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  stands organization_department;
BEGIN
  SELECT * INTO stands FROM organization_department WHERE organization_id = NEW.organization_id AND id = NEW.id;
  IF stands.id IS NOT NULL AND (
       stands.path <> coalesce((SELECT above.path FROM organization_department above
                                 WHERE above.organization_id = stands.organization_id AND above.id = stands.parent_id), '/')
                      || stands.id || '/'
       OR EXISTS (SELECT 1 FROM organization_department below
                   WHERE below.organization_id = stands.organization_id AND below.parent_id = stands.id
                     AND below.path <> stands.path || below.id || '/')) THEN
    RAISE EXCEPTION 'Department % does not stand where its path says.', NEW.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER organization_department_in_tree AFTER INSERT OR UPDATE OF parent_id, path ON organization_department
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION organization_department_in_tree();
"""


class Migration(migrations.Migration):
    dependencies = [("organization", "0001_initial")]

    operations = [
        BuildWalls(),
        migrations.RunSQL(OWN_MEMBERSHIPS, migrations.RunSQL.noop),
        migrations.RunSQL(APPEND_ONLY, "DROP FUNCTION organization_refuse_change() CASCADE"),
        migrations.RunSQL(IN_TREE, "DROP FUNCTION organization_department_in_tree() CASCADE"),
    ]
