import { expect, it } from 'vitest';
import { node } from './nodes.js';
import { faultOf } from './stanza-rules.js';

const enc = (attrs: Readonly<Record<string, string>> = {}) =>
  node('enc', { v: '2', type: 'msg', ...attrs }, Buffer.from('sealed'));
const message = (attrs: Readonly<Record<string, string>>, ...content: ReturnType<typeof node>[]) =>
  node('message', { id: 'A', to: '62812@s.whatsapp.net', type: 'text', ...attrs }, content);

it.each([
  ['an ack of an unknown class', node('ack', { id: 'A', to: 's.whatsapp.net', class: 'messages' })],
  ['an ack without an id', node('ack', { to: 's.whatsapp.net', class: 'message' })],
  ['a receipt of an unknown type', node('receipt', { id: 'A', to: '1@lid', type: 'seen' })],
  ['a group receipt without a participant', node('receipt', { id: 'A', to: '1-2@g.us' })],
  ['a read receipt without a time', node('receipt', { id: 'A', to: '1@lid', type: 'read' })],
  ['a retry receipt without content', node('receipt', { id: 'A', to: '1@lid', type: 'retry' })],
  ['a message without content', message({})],
  ['a message of an unknown type', message({ type: 'words' }, enc())],
  ['an outdated cipher version', message({}, enc({ v: '1' }))],
  ['media without a media type', message({ type: 'media' }, enc())],
  ['a new session of an unknown device', message({}, enc({ type: 'pkmsg' }))],
  ['a presence without a name', node('presence', { type: 'available' })],
  ['an unknown chat state', node('chatstate', { from: '1@lid', to: '2@lid' }, [node('thinking')])],
  ['a query without a namespace', node('iq', { id: '1', type: 'get' })],
])('the fake WhatsApp refuses %s', (_name, stanza) => {
  expect(faultOf(stanza)).toBeDefined();
});

it('the fake WhatsApp accepts valid stanzas', () => {
  expect(faultOf(message({}, enc()))).toBeUndefined();
  expect(faultOf(node('receipt', { id: 'A', to: '1@lid', type: 'read', t: '1795898353' }))).toBeUndefined();
  expect(faultOf(node('ack', { id: 'A', to: 's.whatsapp.net', class: 'notification' }))).toBeUndefined();
});
