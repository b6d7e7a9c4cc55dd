/**
 * A person's WhatsApp addresses: a phone number, and a LID that hides it; a message may use either. In the
 * rest of Sapa a person has one id: the digits of the number, or `<lid>@lid` if the number was unknown when
 * the person first wrote.
 */
export interface PersonIds {
  /** Digits of the phone number, including the country code. */
  readonly pn?: string;
  /** Digits of the LID. */
  readonly lid?: string;
}

const PERSON = /^(\d+)(?::\d+)?@(s\.whatsapp\.net|c\.us|lid)$/;

/** Extracts the ids from one person's addresses; device numbers are ignored. */
export function personIds(...jids: readonly (string | null | undefined)[]): PersonIds {
  const ids: { pn?: string; lid?: string } = {};
  for (const jid of jids) {
    const [, digits, server] = PERSON.exec(jid ?? '') ?? [];
    if (digits === undefined) continue;
    if (server === 'lid') ids.lid ??= digits;
    else ids.pn ??= digits;
  }
  return ids;
}

export function isGroup(jid: string | null | undefined): boolean {
  return jid?.endsWith('@g.us') === true;
}

/**
 * Whether the address is not a conversation with people: status updates, broadcast lists, newsletters, bots
 * and WhatsApp itself.
 */
export function isPublication(jid: string | null | undefined): boolean {
  return /@(?:broadcast|newsletter|bot)$/.test(jid ?? '') || jid === '0@c.us' || jid === '0@s.whatsapp.net';
}

export function lidJid(lid: string): string {
  return `${lid}@lid`;
}

export function phoneJid(pn: string): string {
  return `${pn}@s.whatsapp.net`;
}

/** The id a person gets in the rest of Sapa when first seen. */
export function userIdOf({ pn, lid }: PersonIds): string | undefined {
  return pn ?? (lid === undefined ? undefined : lidJid(lid));
}

/** The reverse of `userIdOf`. */
export function idsOfUser(userId: string): PersonIds {
  return /^\d+$/.test(userId) ? { pn: userId } : personIds(userId);
}

/**
 * The address for writing to a person: the LID as soon as it is known, because numbers are being retired as
 * addresses.
 */
export function addressOf({ pn, lid }: PersonIds): string | undefined {
  if (lid !== undefined) return lidJid(lid);
  return pn === undefined ? undefined : phoneJid(pn);
}

export function isSamePerson(a: PersonIds, b: PersonIds): boolean {
  return (a.pn !== undefined && a.pn === b.pn) || (a.lid !== undefined && a.lid === b.lid);
}
