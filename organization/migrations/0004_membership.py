"""A person with their membership, rights and what waits for them in one call, whose plan each database session keeps.

Every page and every API call asks this first. The same joins sent as text cost four times as much, nearly all of it for
planning them anew under row-level security. SECURITY INVOKER: the walls hold inside it as outside.

unguarded: a role of theirs asks for a second factor, and they have none. granted: JSON of (codename, scope, department,
path, lender); roles that somebody who is away lends to their deputy count for the days of the absence. owed counts what
those owe for whom the person stands in. at_hand: JSON of what they pinned; the app whose it is puts its own function in
the place of the empty one.
"""

from django.db import migrations

AT_HAND = """
CREATE FUNCTION organization_at_hand(opened bigint, whom bigint, place text) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN NULL;
END $$;
"""

MEMBERSHIP = """
CREATE FUNCTION organization_membership(opened bigint, wanted bigint)
RETURNS TABLE (person organization_user, member organization_member, organization organization_organization,
               department organization_department, granted json, unguarded boolean, unread bigint, owed bigint, anybody_away boolean,
               at_hand json)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY
  SELECT who, belongs, owner, place,
         (SELECT coalesce(json_agg(json_build_array(held.codename, held.scope, borne.department_id, reach.path, borne.lender)), '[]')
            FROM (SELECT own.role_id, own.department_id, NULL::bigint AS lender
                    FROM organization_roleassignment own
                   WHERE own.organization_id = belongs.organization_id AND own.member_id = belongs.id
                  UNION ALL
                  SELECT theirs.role_id, coalesce(theirs.department_id, absent.department_id, 0), absent.id
                    FROM organization_absence away
                    JOIN organization_lentrole lent
                      ON lent.organization_id = away.organization_id AND lent.absence_id = away.id
                    JOIN organization_roleassignment theirs
                      ON theirs.organization_id = away.organization_id AND theirs.id = lent.assignment_id
                     AND theirs.member_id = away.member_id
                    JOIN organization_member absent
                      ON absent.organization_id = away.organization_id AND absent.id = away.member_id
                   WHERE away.organization_id = belongs.organization_id AND away.deputy_id = belongs.id
                     AND today.day BETWEEN away.starts_on AND away.ends_on AND absent.is_active) borne
            JOIN organization_rolegrant held
              ON held.organization_id = belongs.organization_id AND held.role_id = borne.role_id
            LEFT JOIN organization_department reach ON reach.id = borne.department_id),
         (EXISTS (SELECT 1 FROM organization_roleassignment borne
                   JOIN organization_role strict ON strict.organization_id = borne.organization_id AND strict.id = borne.role_id
                  WHERE borne.organization_id = belongs.organization_id AND borne.member_id = belongs.id
                    AND strict.needs_second_factor)
          OR EXISTS (SELECT 1 FROM organization_absence away
                       JOIN organization_lentrole lent
                         ON lent.organization_id = away.organization_id AND lent.absence_id = away.id
                       JOIN organization_roleassignment theirs
                         ON theirs.organization_id = away.organization_id AND theirs.id = lent.assignment_id
                       JOIN organization_role strict
                         ON strict.organization_id = theirs.organization_id AND strict.id = theirs.role_id
                      WHERE away.organization_id = belongs.organization_id AND away.deputy_id = belongs.id
                        AND today.day BETWEEN away.starts_on AND away.ends_on AND strict.needs_second_factor))
         AND NOT EXISTS (SELECT 1 FROM mfa_authenticator factor
                          WHERE factor.user_id = who.id AND factor.type IN ('totp', 'webauthn')),
         (SELECT count(*)
            FROM (SELECT 1 FROM organization_notice notice
                   WHERE notice.organization_id = belongs.organization_id AND notice.recipient_id = belongs.id
                     AND notice.read_at IS NULL AND notice.done_at IS NULL LIMIT 100) new),
         (SELECT count(*)
            FROM (SELECT 1 FROM organization_workitem item
                   WHERE item.organization_id = belongs.organization_id AND item.owner_id = ANY (stands.ids)
                     AND item.closed_at IS NULL AND item.due_at < today.ends LIMIT 100) mine)
         + (SELECT count(*)
              FROM (SELECT DISTINCT item.id FROM organization_roleassignment borne
                      JOIN organization_member bearer
                        ON bearer.organization_id = borne.organization_id AND bearer.id = borne.member_id
                      JOIN organization_workitem item
                        ON item.organization_id = borne.organization_id AND item.role_id = borne.role_id
                     WHERE borne.organization_id = belongs.organization_id AND borne.member_id = ANY (stands.ids)
                       AND item.owner_id IS NULL AND item.closed_at IS NULL AND item.due_at < today.ends
                       AND (item.department_id IS NULL
                            OR item.department_id = coalesce(borne.department_id, bearer.department_id))
                     LIMIT 100) ours),
         EXISTS (SELECT 1 FROM organization_absence away
                  WHERE away.organization_id = belongs.organization_id AND today.day BETWEEN away.starts_on AND away.ends_on),
         organization_at_hand(belongs.organization_id, belongs.id, place.path::text)
    FROM organization_user who
    LEFT JOIN organization_member belongs
           ON belongs.organization_id = opened AND belongs.user_id = who.id AND belongs.is_active
    LEFT JOIN organization_organization owner ON owner.id = belongs.organization_id
    LEFT JOIN organization_department place
           ON place.organization_id = belongs.organization_id AND place.id = belongs.department_id
   CROSS JOIN LATERAL (
           SELECT (date_trunc('day', now() AT TIME ZONE owner.timezone) + interval '1 day') AT TIME ZONE owner.timezone,
                (now() AT TIME ZONE owner.timezone)::date
         ) today (ends, day)
   CROSS JOIN LATERAL (
           SELECT ARRAY(WITH RECURSIVE stands_in (id) AS (
                          SELECT belongs.id
                          UNION
                          SELECT away.member_id
                            FROM stands_in
                            JOIN organization_absence away
                              ON away.organization_id = belongs.organization_id AND away.deputy_id = stands_in.id
                           WHERE today.day BETWEEN away.starts_on AND away.ends_on)
                        SELECT stands_in.id FROM stands_in)
         ) stands (ids)
   WHERE who.id = wanted;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("organization", "0003_sample_removal"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [
        migrations.RunSQL(AT_HAND, "DROP FUNCTION organization_at_hand(bigint, bigint, text)"),
        migrations.RunSQL(MEMBERSHIP, "DROP FUNCTION organization_membership(bigint, bigint)"),
    ]
