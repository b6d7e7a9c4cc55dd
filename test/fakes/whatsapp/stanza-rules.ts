import { Curve, generateSignalPubKey, type BinaryNode } from '@whiskeysockets/baileys';
import { bytesOf, child, children, numberOf } from './nodes.js';

const RECEIPT_TYPES = [
  undefined,
  'inactive',
  'read',
  'read-self',
  'retry',
  'sender',
  'peer_msg',
  'hist_sync',
  'played',
];
const ACK_CLASSES = ['message', 'receipt', 'notification', 'call'];
const MESSAGE_TYPES = ['text', 'media', 'reaction', 'poll', 'event'];
const CIPHER_TYPES = ['pkmsg', 'msg', 'skmsg'];
const QUERY_TYPES = ['get', 'set'];
/** Most retries a phone accepts before it gives up. */
const MOST_RETRIES = 5;

/** What the server finds wrong with a client's stanza; `undefined` if nothing is. */
export function faultOf(stanza: BinaryNode): string | undefined {
  switch (stanza.tag) {
    case 'ack':
      return faultOfAck(stanza);
    case 'receipt':
      return faultOfReceipt(stanza);
    case 'message':
      return faultOfMessage(stanza);
    case 'presence':
      return faultOfPresence(stanza);
    case 'chatstate':
      return faultOfChatState(stanza);
    case 'iq':
      return faultOfQuery(stanza);
    default:
      return undefined;
  }
}

function faultOfAck({ attrs: { id, to, class: of = '' } }: BinaryNode): string | undefined {
  if (!id || !to) return 'an ack without id or recipient';
  return ACK_CLASSES.includes(of) ? undefined : `an ack of class "${of}"`;
}

function faultOfReceipt(receipt: BinaryNode): string | undefined {
  const { id, to, type, t, participant } = receipt.attrs;
  if (!id || !to) return 'a receipt without id or recipient';
  if (!RECEIPT_TYPES.includes(type)) return `a receipt of type "${type ?? ''}"`;
  if (to.endsWith('@g.us') && !participant) return 'a receipt in a group that names no participant';
  if (type?.startsWith('read') === true && !isTime(t)) return 'a read receipt without its time';
  return type === 'retry' ? faultOfRetry(receipt) : undefined;
}

function faultOfRetry(receipt: BinaryNode): string | undefined {
  const { id, count = '', v, t } = child(receipt, 'retry')?.attrs ?? {};
  if (id !== receipt.attrs.id || v !== '1' || !isTime(t)) return 'a retry that does not say what it is of';
  if (!/^[1-9]$/.test(count) || Number(count) > MOST_RETRIES) return `retry number ${count}`;
  if (bytesOf(child(receipt, 'registration')).length !== 4) return 'a retry without a registration';
  const keys = child(receipt, 'keys');
  if (keys === undefined) return undefined;
  return hasSignedKey(bytesOf(child(keys, 'identity')), child(keys, 'skey'))
    ? undefined
    : 'a retry whose keys are not signed';
}

function faultOfMessage(message: BinaryNode): string | undefined {
  const { id, to, type = '' } = message.attrs;
  if (!id || !to) return 'a message without id or recipient';
  if (!MESSAGE_TYPES.includes(type)) return `a message of type "${type}"`;
  const sealed = [
    ...children(message, 'enc'),
    ...children(child(message, 'participants'), 'to').flatMap((recipient) => children(recipient, 'enc')),
  ];
  if (sealed.length === 0) return 'a message without content';
  for (const enc of sealed) {
    if (enc.attrs.v !== '2' || !CIPHER_TYPES.includes(enc.attrs.type ?? '')) return 'a cipher nobody knows';
    if (bytesOf(enc).length === 0) return 'an empty cipher';
    if (type === 'media' && !enc.attrs.mediatype) return 'media that do not say which';
  }
  // A device that opens a session must prove that the account's phone vouches for it.
  const opensSession = sealed.some(({ attrs }) => attrs.type === 'pkmsg');
  if (opensSession && bytesOf(child(message, 'device-identity')).length === 0)
    return 'a new session without the identity of its device';
  return undefined;
}

function faultOfPresence({ attrs: { type, name } }: BinaryNode): string | undefined {
  // Without a type it only sends the name, which is still unknown while the device is being linked.
  if (type === undefined || type === 'subscribe' || type === 'unsubscribe') return undefined;
  if (type !== 'available' && type !== 'unavailable') return `a presence of type "${type}"`;
  return name ? undefined : 'a presence of nobody';
}

function faultOfChatState(state: BinaryNode): string | undefined {
  const [kind, ...more] = children(state);
  if (!state.attrs.to || !state.attrs.from) return 'a chat state without a chat';
  if (more.length > 0 || (kind?.tag !== 'composing' && kind?.tag !== 'paused'))
    return 'an unknown chat state';
  return undefined;
}

function faultOfQuery({ attrs: { id, type = '', xmlns } }: BinaryNode): string | undefined {
  if (!id) return 'a query without id';
  if (type === 'result' || type === 'error') return undefined;
  if (!QUERY_TYPES.includes(type)) return `a query of type "${type}"`;
  return xmlns ? undefined : 'a query without name space';
}

/** Whether a published signed key has a valid signature of the device's identity. */
export function hasSignedKey(identity: Buffer, signedKey: BinaryNode | undefined): boolean {
  const key = bytesOf(child(signedKey, 'value'));
  const signature = bytesOf(child(signedKey, 'signature'));
  if (identity.length !== 32 || key.length !== 32 || signature.length !== 64) return false;
  if (numberOf(child(signedKey, 'id')) === 0) return false;
  return Curve.verify(identity, generateSignalPubKey(key), signature);
}

function isTime(text: string | undefined): boolean {
  return text !== undefined && /^\d{9,}$/.test(text);
}
