import { setTimeout as sleep } from 'node:timers/promises';
import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Companion } from './companion.js';
import type { Connection } from './connection.js';
import { child, children, node, nowSeconds, parseJid } from './nodes.js';
import { FakePhone } from './phone.js';

/** Codes with which the server refuses a message. */
const RESTRICTED = '463';
const INVALID = '479';
const NOT_FOUND = '404';

/**
 * Handles a message sent by a client: refuses it, or delivers it to everybody it is encrypted for and
 * acknowledges it.
 */
export async function takeMessage(
  connection: Connection,
  from: Companion,
  stanza: BinaryNode,
): Promise<void> {
  const { faults } = connection.world;
  const fault = faults.nextSend();
  if (fault && 'delayMs' in fault) await sleep(fault.delayMs);
  if (fault && 'drop' in fault && fault.drop === 'before') return connection.drop();
  const error = fault && 'nack' in fault ? fault.nack : refusal(connection, stanza);
  if (error !== undefined) return acknowledge(connection, stanza, error);
  // The connection is already dead, so no receipt gets through either.
  if (fault && 'drop' in fault) connection.isLive = false;
  await deliver(connection, from, stanza);
  if (fault && 'drop' in fault) return connection.drop();
  if (!(fault && 'silent' in fault)) acknowledge(connection, stanza);
}

function refusal({ world }: Connection, stanza: BinaryNode): string | undefined {
  const { to = '', id } = stanza.attrs;
  if (id === undefined || id === '') return INVALID;
  if (to.endsWith('@g.us')) return world.findGroup(to) ? undefined : NOT_FOUND;
  const person = world.find(to);
  if (!person) return NOT_FOUND;
  if (person.isOnlyKnownByLid && to.endsWith('@s.whatsapp.net')) return RESTRICTED;
  const isSealedForPhone = sealed(stanza).some(({ jid }) => {
    const { user, device } = parseJid(jid);
    return device === 0 && world.find(user) === person;
  });
  return isSealedForPhone ? undefined : INVALID;
}

function acknowledge(connection: Connection, stanza: BinaryNode, error?: string): void {
  const { id = '', to, participant } = stanza.attrs;
  if (error !== undefined) connection.world.journal.refused.push({ id, error, at: Date.now() });
  connection.send(node('ack', { class: 'message', id, from: to, t: nowSeconds(), participant, error }));
}

interface Sealed {
  readonly jid: string;
  readonly enc: BinaryNode;
}

/**
 * The ciphertexts of a stanza and their recipients, those with sender keys first, because the others need
 * them.
 */
function sealed(stanza: BinaryNode): readonly Sealed[] {
  const single = children(stanza, 'enc')
    .filter(({ attrs }) => attrs.type !== 'skmsg')
    .map((enc) => ({ jid: stanza.attrs.participant ?? stanza.attrs.to ?? '', enc }));
  const each = children(child(stanza, 'participants'), 'to').flatMap((to) =>
    children(to, 'enc').map((enc) => ({ jid: to.attrs.jid ?? '', enc })),
  );
  return [...each, ...single];
}

async function deliver({ world }: Connection, from: Companion, stanza: BinaryNode): Promise<void> {
  for (const { jid, enc } of sealed(stanza)) {
    const { user, device } = parseJid(jid);
    if (device === 0) await world.find(user)?.receives(from, stanza, enc);
  }
  const forAll = children(stanza, 'enc').find(({ attrs }) => attrs.type === 'skmsg');
  const group = world.findGroup(stanza.attrs.to ?? '');
  if (!forAll || !group) return;
  for (const member of group.members) {
    if (!(member instanceof FakePhone)) await member.receives(from, stanza, forAll);
  }
}
