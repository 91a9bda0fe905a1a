"""Row-level security, compound keys, and an audit trail that only grows."""

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


class Migration(migrations.Migration):
    dependencies = [("organization", "0001_initial")]

    operations = [
        BuildWalls(),
        migrations.RunSQL(OWN_MEMBERSHIPS, migrations.RunSQL.noop),
        migrations.RunSQL(APPEND_ONLY, "DROP FUNCTION organization_refuse_change() CASCADE"),
    ]
