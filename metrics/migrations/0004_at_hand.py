"""The pinned dashboards of a member, read with the member: the menu of every page shows them and asks nothing more.

JSON of (number, name, Chinese name, their sort keys, owner, is private, department, its path, is shared with the member).
Whether the member still sees one is for their rights to say; see `metrics.queries.at_hand`.
"""

from django.db import migrations

AT_HAND = """
CREATE OR REPLACE FUNCTION organization_at_hand(opened bigint, whom bigint, place text)
RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT json_agg(json_build_array(
             board.id, board.name, board.name_zh, board.name_key, board.name_zh_key, board.owner_id, board.is_private,
             board.department_id, stands.path,
             EXISTS (SELECT 1 FROM metrics_dashboardshare share
                       LEFT JOIN organization_department reach
                              ON reach.organization_id = share.organization_id AND reach.id = share.department_id
                      WHERE share.organization_id = opened AND share.dashboard_id = board.id
                        AND (share.member_id = whom
                             OR starts_with(place, reach.path)
                             OR share.role_id IN (
                                  SELECT borne.role_id FROM organization_roleassignment borne
                                   WHERE borne.organization_id = opened AND borne.member_id = whom
                                  UNION ALL
                                  SELECT theirs.role_id FROM organization_absence away
                                    JOIN organization_organization owner ON owner.id = away.organization_id
                                    JOIN organization_lentrole lent
                                      ON lent.organization_id = opened AND lent.absence_id = away.id
                                    JOIN organization_roleassignment theirs
                                      ON theirs.organization_id = opened AND theirs.id = lent.assignment_id
                                    JOIN organization_member absent
                                      ON absent.organization_id = opened AND absent.id = away.member_id
                                   WHERE away.organization_id = opened AND away.deputy_id = whom AND absent.is_active
                                     AND (now() AT TIME ZONE owner.timezone)::date BETWEEN away.starts_on AND away.ends_on))))
             ORDER BY board.id)
      FROM metrics_dashboardpin pin
      JOIN metrics_dashboard board
        ON board.organization_id = opened AND board.id = pin.dashboard_id AND board.removed_at IS NULL
      LEFT JOIN organization_department stands
             ON stands.organization_id = opened AND stands.id = board.department_id
     WHERE pin.organization_id = opened AND pin.member_id = whom);
END $$;
"""
EMPTY = """
CREATE OR REPLACE FUNCTION organization_at_hand(opened bigint, whom bigint, place text)
RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("metrics", "0003_sources"), ("organization", "0004_membership")]

    operations = [migrations.RunSQL(AT_HAND, EMPTY)]
