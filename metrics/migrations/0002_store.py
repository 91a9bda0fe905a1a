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


class Migration(migrations.Migration):
    dependencies = [("metrics", "0001_initial"), ("organization", "0002_walls")]

    operations = [
        migrations.RunSQL(OBSERVATIONS, "DROP TABLE metrics_observation"),
        migrations.RunSQL(PARTITIONS, "DROP FUNCTION metrics_ensure_partition(timestamptz)"),
        migrations.RunSQL(ROLLUPS, "DROP TABLE metrics_rollup"),
        BuildWalls(tables=["metrics_observation", "metrics_rollup"]),
    ]
