"""A person with their membership, rights and what waits for them in one call, whose plan each database session keeps.

Every page and every API call asks this first. The same joins sent as text cost four times as much, nearly all of it for
planning them anew under row-level security. SECURITY INVOKER: the walls hold inside it as outside.

unguarded: a role of theirs asks for a second factor, and they have none.
"""

from django.db import migrations

MEMBERSHIP = """
CREATE FUNCTION organization_membership(opened bigint, wanted bigint)
RETURNS TABLE (person organization_user, member organization_member, organization organization_organization,
               department organization_department, granted json, unguarded boolean, unread bigint, owed bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY
  SELECT who, belongs, owner, place,
         (SELECT coalesce(json_agg(json_build_array(held.codename, held.scope, borne.department_id, reach.path)), '[]')
            FROM organization_roleassignment borne
            JOIN organization_rolegrant held
              ON held.organization_id = borne.organization_id AND held.role_id = borne.role_id
            LEFT JOIN organization_department reach ON reach.id = borne.department_id
           WHERE borne.organization_id = belongs.organization_id AND borne.member_id = belongs.id),
         EXISTS (SELECT 1 FROM organization_roleassignment borne
                   JOIN organization_role strict ON strict.organization_id = borne.organization_id AND strict.id = borne.role_id
                  WHERE borne.organization_id = belongs.organization_id AND borne.member_id = belongs.id
                    AND strict.needs_second_factor)
         AND NOT EXISTS (SELECT 1 FROM mfa_authenticator factor
                          WHERE factor.user_id = who.id AND factor.type IN ('totp', 'webauthn')),
         (SELECT count(*)
            FROM (SELECT 1 FROM organization_notice notice
                   WHERE notice.organization_id = belongs.organization_id AND notice.recipient_id = belongs.id
                     AND notice.read_at IS NULL AND notice.done_at IS NULL LIMIT 100) new),
         (SELECT count(*)
            FROM (SELECT 1 FROM organization_workitem item
                   WHERE item.organization_id = belongs.organization_id AND item.owner_id = belongs.id
                     AND item.closed_at IS NULL AND item.due_at < today.ends LIMIT 100) mine)
         + (SELECT count(*)
              FROM (SELECT DISTINCT item.id FROM organization_roleassignment borne
                      JOIN organization_workitem item
                        ON item.organization_id = borne.organization_id AND item.role_id = borne.role_id
                     WHERE borne.organization_id = belongs.organization_id AND borne.member_id = belongs.id
                       AND item.owner_id IS NULL AND item.closed_at IS NULL AND item.due_at < today.ends
                       AND (item.department_id IS NULL
                            OR item.department_id = coalesce(borne.department_id, belongs.department_id))
                     LIMIT 100) ours)
    FROM organization_user who
    LEFT JOIN organization_member belongs
           ON belongs.organization_id = opened AND belongs.user_id = who.id AND belongs.is_active
    LEFT JOIN organization_organization owner ON owner.id = belongs.organization_id
    LEFT JOIN organization_department place
           ON place.organization_id = belongs.organization_id AND place.id = belongs.department_id
   CROSS JOIN LATERAL (
           SELECT (date_trunc('day', now() AT TIME ZONE owner.timezone) + interval '1 day') AT TIME ZONE owner.timezone
         ) today (ends)
   WHERE who.id = wanted;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("organization", "0003_sample_removal"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [migrations.RunSQL(MEMBERSHIP, "DROP FUNCTION organization_membership(bigint, bigint)")]
