/** SQL of the small objects that records embed for what they refer to; NULL when there is nothing. */

export function userMini(alias: string): string {
  return optional(
    alias,
    `'id', ${alias}.id, 'firstName', ${alias}.first_name, 'lastName', ${alias}.last_name, 'image', null,
     'phone', ${alias}.phone`,
  );
}

export function locationMini(alias: string): string {
  return optional(
    alias,
    `'id', ${alias}.id, 'name', ${alias}.name, 'address', ${alias}.address, 'customId', ${alias}.custom_id,
     'parentId', ${alias}.parent_location_id`,
  );
}

export function assetMini(alias: string): string {
  return optional(
    alias,
    `'id', ${alias}.id, 'name', ${alias}.name, 'customId', ${alias}.custom_id, 'parentId', ${alias}.parent_asset_id,
     'locationId', ${alias}.location_id`,
  );
}

export function namedMini(alias: string): string {
  return optional(alias, `'id', ${alias}.id, 'name', ${alias}.name`);
}

/** The objects of a to-many relation, in the order of their ids. */
export function manyOf(
  link: string,
  own: string,
  other: string,
  table: string,
  mini: (alias: string) => string,
): string {
  return `(SELECT coalesce(json_agg(${mini("item")} ORDER BY item.id), '[]'::json) FROM ${link} link
    JOIN ${table} item ON item.id = link.${other} WHERE link.${own} = t.id)`;
}

export function idsOf(link: string, own: string, other: string): string {
  return `ARRAY(SELECT link.${other} FROM ${link} link WHERE link.${own} = t.id)`;
}

function optional(alias: string, pairs: string): string {
  return `CASE WHEN ${alias}.id IS NULL THEN NULL ELSE json_build_object(${pairs}) END`;
}
