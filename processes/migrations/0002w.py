"""Row-level security, compound keys, versions whose text stands once they are no drafts, and stamps that nobody moves."""

from django.db import migrations

from ops_platform.database.walls import BuildWalls

FIXED_TEXT = """
CREATE FUNCTION processes_keep_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The text of a version that is no draft does not change.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER processes_sopversion_text BEFORE UPDATE ON processes_sopversion FOR EACH ROW
  WHEN (OLD.state <> 'draft' AND (OLD.content, OLD.sha256, OLD.sop_id, OLD.number)
        IS DISTINCT FROM (NEW.content, NEW.sha256, NEW.sop_id, NEW.number))
  EXECUTE FUNCTION processes_keep_text();
CREATE FUNCTION processes_keep_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'A version does not go from % to %.', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER processes_sopversion_order BEFORE UPDATE ON processes_sopversion FOR EACH ROW
  WHEN (OLD.state IN ('approved', 'effective', 'retired') AND NEW.state IN ('draft', 'in_review')
        OR OLD.state = 'retired' AND NEW.state <> 'retired' OR OLD.state = 'effective' AND NEW.state = 'approved')
  EXECUTE FUNCTION processes_keep_order();
CREATE FUNCTION processes_keep_version_of_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'A run keeps the version that it began with.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER processes_run_version BEFORE UPDATE ON processes_run FOR EACH ROW
  WHEN ((OLD.sop_id, OLD.sop_version_id) IS DISTINCT FROM (NEW.sop_id, NEW.sop_version_id))
  EXECUTE FUNCTION processes_keep_version_of_run();
CREATE FUNCTION processes_keep_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'What a step became, and when, does not change.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER processes_stepstamp_fixed BEFORE UPDATE ON processes_stepstamp FOR EACH ROW
  EXECUTE FUNCTION processes_keep_stamp();
"""
FREE_TEXT = """
DROP FUNCTION processes_keep_text() CASCADE;
DROP FUNCTION processes_keep_order() CASCADE;
DROP FUNCTION processes_keep_version_of_run() CASCADE;
DROP FUNCTION processes_keep_stamp() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("processes", "0001_initial")]

    operations = [BuildWalls(), migrations.RunSQL(FIXED_TEXT, FREE_TEXT)]
