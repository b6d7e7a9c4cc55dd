import { identityKeyOf, type ContactFacts, type ContactRow } from '../models/contacts.js';
import { piecesOf } from './contact-search.js';
import { optional } from '../optional.js';

/** The facts of a contact after another was merged into it: its own values win, gaps are filled. */
export function joined(
  into: ContactRow,
  otherId: string,
  other: ContactFacts,
  now: Date,
): Partial<ContactRow> {
  const byKey = new Map(into.identities.map((identity) => [identityKeyOf(identity), identity]));
  for (const identity of other.identities) byKey.set(identityKeyOf(identity), identity);
  const identities = [...byKey.values()];
  const details = {
    ...optional('name', into.name ?? other.name),
    ...optional('phone', into.phone ?? other.phone),
    ...optional('email', into.email ?? other.email),
  };
  return {
    ...details,
    pieces: piecesOf({ _id: into._id, ...details }),
    ...optional('locale', into.locale ?? other.locale),
    tags: [...new Set([...(into.tags ?? []), ...(other.tags ?? [])])],
    fields: { ...other.fields, ...into.fields },
    identities,
    ...(identities.length === 0 ? {} : { identityKeys: [...byKey.keys()] }),
    formerIds: [...new Set([...(into.formerIds ?? []), otherId, ...(other.formerIds ?? [])])],
    isStaff: into.isStaff || other.isStaff,
    // Somebody who opted out as either contact stays opted out.
    optedOut: into.optedOut === true || other.optedOut === true,
    ...(into.isUntold === true || other.isUntold === true ? { isUntold: true } : {}),
    updatedAt: now,
  };
}
