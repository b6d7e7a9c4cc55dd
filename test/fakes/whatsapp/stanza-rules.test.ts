import { expect, it } from 'vitest';
import { node } from './nodes.js';
import { faultOf } from './stanza-rules.js';

const enc = (attrs: Readonly<Record<string, string>> = {}) =>
  node('enc', { v: '2', type: 'msg', ...attrs }, Buffer.from('sealed'));
const message = (attrs: Readonly<Record<string, string>>, ...content: ReturnType<typeof node>[]) =>
  node('message', { id: 'A', to: '62812@s.whatsapp.net', type: 'text', ...attrs }, content);

it.each([
  ['an ack of a class that there is not', node('ack', { id: 'A', to: 's.whatsapp.net', class: 'messages' })],
  ['an ack of nothing', node('ack', { to: 's.whatsapp.net', class: 'message' })],
  ['a receipt of an unknown type', node('receipt', { id: 'A', to: '1@lid', type: 'seen' })],
  ['a receipt in a group that names nobody', node('receipt', { id: 'A', to: '1-2@g.us' })],
  ['a read receipt without its time', node('receipt', { id: 'A', to: '1@lid', type: 'read' })],
  ['a retry that says nothing', node('receipt', { id: 'A', to: '1@lid', type: 'retry' })],
  ['a message without content', message({})],
  ['a message of an unknown type', message({ type: 'words' }, enc())],
  ['a cipher of an old version', message({}, enc({ v: '1' }))],
  ['media that do not say which', message({ type: 'media' }, enc())],
  ['a new session of an unknown device', message({}, enc({ type: 'pkmsg' }))],
  ['a presence of nobody', node('presence', { type: 'available' })],
  ['a chat state that there is not', node('chatstate', { from: '1@lid', to: '2@lid' }, [node('thinking')])],
  ['a query without name space', node('iq', { id: '1', type: 'get' })],
])('the fake WhatsApp refuses %s', (_name, stanza) => {
  expect(faultOf(stanza)).toBeDefined();
});

it('the fake WhatsApp takes what is in order', () => {
  expect(faultOf(message({}, enc()))).toBeUndefined();
  expect(faultOf(node('receipt', { id: 'A', to: '1@lid', type: 'read', t: '1795898353' }))).toBeUndefined();
  expect(faultOf(node('ack', { id: 'A', to: 's.whatsapp.net', class: 'notification' }))).toBeUndefined();
});
