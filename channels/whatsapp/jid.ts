/**
 * Addresses of WhatsApp. A person has a phone number and a LID that hides it; a message may come
 * under either. To the rest of Sapa a person is one id: the digits of the number, or `<lid>@lid`
 * where the number was not known when the person first wrote.
 */
export interface PersonIds {
  /** Digits of the phone number with its country code. */
  readonly pn?: string;
  /** Digits of the LID. */
  readonly lid?: string;
}

const PERSON = /^(\d+)(?::\d+)?@(s\.whatsapp\.net|c\.us|lid)$/;

/** The ids that some addresses of one person tell; devices do not matter. */
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

/** Chats in which nobody talks to us: status updates, broadcast lists, newsletters. */
export function isPublication(jid: string | null | undefined): boolean {
  return /@(?:broadcast|newsletter|bot)$/.test(jid ?? '') || jid === '0@c.us' || jid === '0@s.whatsapp.net';
}

export function lidJid(lid: string): string {
  return `${lid}@lid`;
}

export function phoneJid(pn: string): string {
  return `${pn}@s.whatsapp.net`;
}

/** What a person is called in the rest of Sapa when first seen. */
export function userIdOf({ pn, lid }: PersonIds): string | undefined {
  return pn ?? (lid === undefined ? undefined : lidJid(lid));
}

/** The reverse of `userIdOf`. */
export function idsOfUser(userId: string): PersonIds {
  return /^\d+$/.test(userId) ? { pn: userId } : personIds(userId);
}

/** Where a person is written to: by LID as soon as it is known, for numbers are being retired as addresses. */
export function addressOf({ pn, lid }: PersonIds): string | undefined {
  if (lid !== undefined) return lidJid(lid);
  return pn === undefined ? undefined : phoneJid(pn);
}

export function isSamePerson(a: PersonIds, b: PersonIds): boolean {
  return (a.pn !== undefined && a.pn === b.pn) || (a.lid !== undefined && a.lid === b.lid);
}
