import type { WASocket } from '@whiskeysockets/baileys';
import { lidJid, personIds, phoneJid, type PersonIds } from '../jid.js';

/** How long to wait for a person's other id, in ms; it is not worth more. */
const LOOK_UP_WITHIN_MS = 3_000;

export type Completer = (ids: PersonIds) => Promise<PersonIds>;

/** Finds the LID for a number or the number for a LID, if the library or the server knows it. */
export function completedIds(socket: WASocket): Completer {
  const { lidMapping } = socket.signalRepository;
  return async (ids) => {
    if (ids.pn !== undefined && ids.lid === undefined) {
      return { ...ids, ...personIds(await inTime(lidMapping.getLIDForPN(phoneJid(ids.pn)))) };
    }
    if (ids.lid !== undefined && ids.pn === undefined) {
      return { ...ids, ...personIds(await inTime(lidMapping.getPNForLID(lidJid(ids.lid)))) };
    }
    return ids;
  };
}

async function inTime(looking: Promise<string | null>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), LOOK_UP_WITHIN_MS);
  });
  try {
    return (await Promise.race([looking, late])) ?? undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
