import type { ContactChange } from '../../contracts/stores.js';
import { identityKeyOf, type ContactRow } from '../models/contacts.js';
import { optional } from '../optional.js';
import { piecesOf } from './contact-search.js';

/** The update of one row for a change: `null` removes a value, fields are changed individually. */
export function changeOf(before: ContactRow, change: ContactChange, now: Date) {
  const set: Record<string, unknown> = { updatedAt: now };
  const unset: Record<string, 1> = {};
  for (const name of ['name', 'phone', 'email', 'locale'] as const) {
    const value = change[name];
    if (value === null) unset[name] = 1;
    else if (value !== undefined) set[name] = value;
  }
  if (change.name !== undefined || change.phone !== undefined || change.email !== undefined) {
    const { name = before.name, phone = before.phone, email = before.email } = change;
    const called = {
      ...optional('name', name ?? undefined),
      ...optional('phone', phone ?? undefined),
      ...optional('email', email ?? undefined),
    };
    set['pieces'] = piecesOf({ _id: before._id, ...called });
  }
  if (change.isStaff !== undefined) set['isStaff'] = change.isStaff;
  if (change.optedOut !== undefined) set['optedOut'] = change.optedOut;
  if (change.isUntold !== undefined) set['isUntold'] = change.isUntold;
  if (change.tags !== undefined) set['tags'] = [...new Set(change.tags)];
  for (const [name, value] of Object.entries(change.fields ?? {})) {
    if (value === null) unset[`fields.${name}`] = 1;
    else set[`fields.${name}`] = value;
  }
  const { identities = [] } = change;
  return {
    $set: set,
    ...(Object.keys(unset).length === 0 ? {} : { $unset: unset }),
    ...(identities.length === 0
      ? {}
      : {
          $addToSet: {
            identities: {
              $each: identities.map(({ channel, accountId, userId }) => ({ channel, accountId, userId })),
            },
            identityKeys: { $each: identities.map(identityKeyOf) },
          },
        }),
  };
}
