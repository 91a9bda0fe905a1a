"""The metric store: partitioned observations, rollups, and their walls."""

from django.db import migrations

from ops_platform.database.walls import BuildWalls

MEASURES = ", ".join(f"m{number} numeric" for number in range(1, 17))
DIMENSIONS = ", ".join(f"d{number} integer" for number in range(1, 25))

# Fixed-width columns stand first, so that they need no padding. The key leads with the time: a period is one range.
OBSERVATIONS = f"""
CREATE TABLE metrics_observation (
  organization_id bigint NOT NULL,
  observed_at timestamptz NOT NULL,
  dataset_id bigint NOT NULL,
  batch_id bigint NOT NULL,
  {DIMENSIONS},
  is_keyed boolean NOT NULL DEFAULT false,
  row_key text COLLATE "C" NOT NULL,
  {MEASURES},
  PRIMARY KEY (organization_id, observed_at, dataset_id, row_key)
) PARTITION BY RANGE (observed_at);
CREATE INDEX metrics_observation_by_key ON metrics_observation (organization_id, dataset_id, row_key) WHERE is_keyed;
CREATE INDEX metrics_observation_by_batch ON metrics_observation USING brin (batch_id) WITH (autosummarize = on);
"""

# Months from 2000 to 2060, decades before and after. The parent is locked as lightly as attaching allows.
PARTITIONS = """
CREATE FUNCTION metrics_ensure_partition(moment timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  lower timestamptz := date_trunc('month', moment);
  upper timestamptz := date_trunc('month', moment) + interval '1 month';
  name text;
BEGIN
  IF moment < '1700-01-01' OR moment >= '2300-01-01' THEN
    RAISE EXCEPTION 'Observations before 1700 or after 2299 are not stored.' USING ERRCODE = 'datetime_field_overflow';
  END IF;
  IF moment < '2000-01-01' OR moment >= '2060-01-01' THEN
    lower := date_trunc('decade', moment);
    upper := lower + interval '10 years';
  END IF;
  name := 'metrics_observation_' || to_char(lower, 'YYYYMM');
  IF to_regclass(name) IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('metrics_ensure_partition', 0));
  -- pg_class rather than to_regclass: after the wait the cached answer may be older than the other session's commit
  IF EXISTS (SELECT FROM pg_class WHERE relname = name AND relnamespace = 'public'::regnamespace) THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE metrics_observation INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
  EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I CHECK (observed_at >= %L AND observed_at < %L)',
                 name, name || '_range', lower, upper);
  EXECUTE format('ALTER TABLE metrics_observation ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, lower, upper);
  EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', name, name || '_range');
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
  EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
END $$;
"""

ROLLUPS = """
CREATE TABLE metrics_rollup (
  organization_id bigint NOT NULL,
  version_id bigint NOT NULL,
  breakdown_id bigint NOT NULL DEFAULT 0,
  bucket_start timestamptz NOT NULL,
  n bigint NOT NULL,
  key1 integer NOT NULL DEFAULT 0,
  key2 integer NOT NULL DEFAULT 0,
  grain smallint NOT NULL,
  sum numeric, sum_of_squares numeric, min numeric, max numeric, first numeric, last numeric, value numeric,
  PRIMARY KEY (organization_id, version_id, grain, breakdown_id, bucket_start, key1, key2)
);
"""

# The rows that a dashboard's page rests on, by the transactions that wrote them: another text when any of them changed,
# came or went. Rollups stand in it by their version's row, which each recomputation writes. So do the shares of the
# dashboard, and the roles, pins, first choice and watch of the reader. After a colon come departments, after another the notes on
# charts: nothing where there are none.
STAMP = """
CREATE FUNCTION metrics_dashboard_stamp(wanted bigint, whom bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    WITH RECURSIVE needed (kpi_id) AS (
      SELECT panel.kpi_id FROM metrics_dashboardpanel panel
       WHERE panel.dashboard_id = wanted AND panel.kpi_id IS NOT NULL
      UNION
      SELECT kpi.id FROM metrics_dashboardpanel panel
       CROSS JOIN jsonb_array_elements_text(panel.settings -> 'steps') step (key)
        JOIN metrics_kpi kpi ON kpi.organization_id = panel.organization_id AND kpi.key = step.key
       WHERE panel.dashboard_id = wanted
      UNION
      SELECT operand.kpi_id FROM needed
        JOIN metrics_kpiversion version ON version.kpi_id = needed.kpi_id
        JOIN metrics_kpioperand operand ON operand.version_id = version.id),
    counted AS (
      SELECT version.id, version.dataset_id, version.xmin, version.ctid
        FROM metrics_kpiversion version JOIN needed USING (kpi_id)),
    sources AS (SELECT DISTINCT dataset_id FROM counted),
    written (kind, id, writer, place) AS (
      SELECT 1, id, xmin, ctid FROM metrics_dashboard WHERE id = wanted
      UNION ALL SELECT 2, id, xmin, ctid FROM metrics_dashboardpanel WHERE dashboard_id = wanted
      UNION ALL SELECT 3, kpi.id, kpi.xmin, kpi.ctid FROM metrics_kpi kpi JOIN needed ON needed.kpi_id = kpi.id
      UNION ALL SELECT 4, id, xmin, ctid FROM counted
      UNION ALL
      SELECT 5, part.id, part.xmin, part.ctid FROM metrics_kpibreakdown part JOIN counted ON counted.id = part.version_id
      UNION ALL
      SELECT 6, source.id, source.xmin, source.ctid FROM metrics_dataset source JOIN sources ON dataset_id = source.id
      UNION ALL
      SELECT 7, named.id, named.xmin, named.ctid FROM metrics_datasetcolumn named JOIN sources USING (dataset_id)
      UNION ALL
      SELECT 8, target.id, target.xmin, target.ctid FROM metrics_kpitarget target JOIN needed USING (kpi_id)
      UNION ALL
      SELECT 9, id, xmin, ctid FROM metrics_annotation WHERE kpi_id IS NULL OR kpi_id IN (SELECT kpi_id FROM needed)
      UNION ALL SELECT 15, id, xmin, ctid FROM metrics_dashboardshare WHERE dashboard_id = wanted
      UNION ALL SELECT 10, id, xmin, ctid FROM organization_roleassignment WHERE member_id = whom
      UNION ALL SELECT 11, id, xmin, ctid FROM metrics_dashboardpin WHERE member_id = whom
      UNION ALL SELECT 12, id, xmin, ctid FROM metrics_firstdashboard WHERE member_id = whom
      UNION ALL
      SELECT 16, id, xmin, ctid FROM organization_watch
       WHERE member_id = whom AND object_type = 'metrics.dashboard' AND object_id = wanted
      UNION ALL
      SELECT 13, kept.id, kept.xmin, kept.ctid FROM metrics_dashboard kept
        JOIN metrics_dashboardpin pin ON pin.dashboard_id = kept.id AND pin.member_id = whom
      UNION ALL
      SELECT 14, share.id, share.xmin, share.ctid FROM metrics_dashboardshare share
        JOIN metrics_dashboardpin pin ON pin.dashboard_id = share.dashboard_id AND pin.member_id = whom)
    SELECT md5(string_agg(concat_ws(':', kind, id, writer, place), ',' ORDER BY kind, id)) FROM written) || ':' || (
    SELECT md5(coalesce(string_agg(concat_ws(':', id, xmin, ctid), ',' ORDER BY id), '')) FROM organization_department) || ':' || (
    SELECT coalesce(md5(string_agg(concat_ws(':', id, xmin, ctid), ',' ORDER BY id)), '') FROM metrics_annotation
     WHERE kpi_id IS NULL OR kpi_id IN (SELECT kpi_id FROM metrics_dashboardpanel WHERE dashboard_id = wanted));
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("metrics", "0001_initial"), ("organization", "0002_walls")]

    operations = [
        migrations.RunSQL(OBSERVATIONS, "DROP TABLE metrics_observation"),
        migrations.RunSQL(PARTITIONS, "DROP FUNCTION metrics_ensure_partition(timestamptz)"),
        migrations.RunSQL(ROLLUPS, "DROP TABLE metrics_rollup"),
        migrations.RunSQL(STAMP, "DROP FUNCTION metrics_dashboard_stamp(bigint, bigint)"),
        BuildWalls(tables=["metrics_observation", "metrics_rollup"]),
    ]
