import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Connection } from './connection.js';
import { bytesOf, child, children, lidJid, node, nowSeconds, numberOf, parseJid } from './nodes.js';
import { FakePhone } from './phone.js';
import { bundleNodes, readPreKey } from './signal-device.js';
import { hasSignedKey } from './stanza-rules.js';

class QueryRefused extends Error {
  constructor(
    readonly code: string,
    readonly text: string,
  ) {
    super(text);
  }
}

type Answer = (
  connection: Connection,
  query: BinaryNode,
  first: BinaryNode | undefined,
) => Promise<BinaryNode[]>;

/** The server's answers to queries, by namespace and first element. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  'encrypt/count': countKeys,
  'encrypt/digest': () => answer(node('digest')),
  'encrypt/registration': takeKeys,
  'encrypt/rotate': takeSignedKey,
  'encrypt/key': giveBundles,
  'passive/active': goActive,
  'passive/passive': () => answer(),
  'usync/usync': tellUsers,
  'abt/props': () => answer(node('props', { hash: 'fake', refresh: '86400' }, [])),
  'blocklist/': () => answer(node('list')),
  'privacy/privacy': () =>
    answer(node('privacy', {}, [node('category', { name: 'readreceipts', value: 'all' })])),
  'privacy/tokens': () => answer(),
  'w:m/media_conn': giveMediaHost,
  'w:profile:picture/picture': () => refuse('404', 'item-not-found'),
  'w:g2/query': tellGroup,
  'w:p/ping': () => answer(),
  'w:stats/add': () => answer(),
  'w:mex/query': () => answer(node('result', {}, Buffer.from('{"data":{}}'))),
  'w:sync:app:state/sync': tellAppState,
  'md/link_code_companion_reg': takeCode,
  'md/remove-companion-device': unlink,
  'urn:xmpp:whatsapp:dirty/clean': () => answer(),
};

export async function answerQuery(connection: Connection, query: BinaryNode): Promise<void> {
  const { id, to = 's.whatsapp.net', xmlns = '' } = query.attrs;
  const first = children(query)[0];
  const name = `${xmlns}/${first?.tag ?? ''}`;
  const head = { from: to, id, t: nowSeconds() };
  try {
    const give = ANSWERS[name];
    if (!give) {
      connection.world.journal.unknown.push(name);
      throw new QueryRefused('501', 'feature-not-implemented');
    }
    const content = await give(connection, query, first);
    connection.send(node('iq', { ...head, type: 'result' }, content));
    if (name === 'passive/active') offerBacklog(connection);
  } catch (error) {
    if (!(error instanceof QueryRefused)) throw error;
    const { code, text } = error;
    connection.send(node('iq', { ...head, type: 'error' }, [node('error', { code, text })]));
  }
}

function answer(...content: BinaryNode[]): Promise<BinaryNode[]> {
  return Promise.resolve(content);
}

function refuse(code: string, text: string): Promise<never> {
  return Promise.reject(new QueryRefused(code, text));
}

function countKeys({ companion, world }: Connection): Promise<BinaryNode[]> {
  const count = companion?.preKeys.length ?? 0;
  return answer(node('count', { value: String(Math.max(count, world.hasKeysOfNewDevices ? 1 : 0)) }));
}

function takeKeys({ companion }: Connection, query: BinaryNode): Promise<BinaryNode[]> {
  if (!companion) return refuse('401', 'not-authorized');
  const keys = children(child(query, 'list'), 'key').map(readPreKey);
  const isWhole = keys.every(({ id, key }) => id > 0 && key.length === 32);
  const identity = bytesOf(child(query, 'identity'));
  if (keys.length === 0 || !isWhole || bytesOf(child(query, 'registration')).length !== 4)
    return refuse('406', 'not-acceptable');
  if (!identity.equals(companion.keys.identity) || !hasSignedKey(identity, child(query, 'skey')))
    return refuse('406', 'not-acceptable');
  companion.preKeys.push(...keys);
  return answer();
}

function takeSignedKey({ companion }: Connection, query: BinaryNode): Promise<BinaryNode[]> {
  const key = child(child(query, 'rotate'), 'skey');
  if (!companion || !hasSignedKey(companion.keys.identity, key) || !key) return refuse('400', 'bad-request');
  companion.keys.signedPreKey = { ...readPreKey(key), signature: bytesOf(child(key, 'signature')) };
  return answer();
}

/** Returns the bundles of the requested devices; an unknown device gets an error instead. */
async function giveBundles(
  { world }: Connection,
  _query: BinaryNode,
  first: BinaryNode | undefined,
): Promise<BinaryNode[]> {
  const users = await Promise.all(
    children(first, 'user').map(async ({ attrs: { jid = '' } }) => {
      const { user, device } = parseJid(jid);
      const person = world.find(user);
      const linked = person instanceof FakePhone ? person.companions.get(device) : undefined;
      if (!person || (device !== 0 && !linked)) {
        return node('user', { jid }, [node('error', { code: '404', text: 'item-not-found' })]);
      }
      const bundle = linked ? linked.takeBundle() : await person.device.bundle();
      return node('user', { jid }, bundleNodes(bundle));
    }),
  );
  return [node('list', {}, users)];
}

function goActive({ companion }: Connection): Promise<BinaryNode[]> {
  return companion ? answer() : refuse('401', 'not-authorized');
}

/** With a backlog, the client asks for it when it is ready; without one, it is live immediately. */
function offerBacklog(connection: Connection): void {
  const count = connection.companion?.waitingCount ?? 0;
  if (count === 0) return connection.goLive();
  const counts = { count: String(count), message: String(count), notification: '0', receipt: '0' };
  connection.send(
    node('ib', { from: 's.whatsapp.net' }, [node('offline_preview', { ...counts, t: nowSeconds() })]),
  );
}

function tellUsers(
  { world }: Connection,
  _query: BinaryNode,
  first: BinaryNode | undefined,
): Promise<BinaryNode[]> {
  const fields = children(child(first, 'query')).map(({ tag }) => tag);
  const users = children(child(first, 'list'), 'user').flatMap((userQuery) => {
    const typed = bytesOf(child(userQuery, 'contact')).toString('utf8').replace(/\D/g, '');
    const jid = userQuery.attrs.jid ?? `${typed}@s.whatsapp.net`;
    const person = world.find(parseJid(jid).user);
    if (!person) return [node('user', { jid }, [node('contact', { type: 'out' })])];
    const devices = person instanceof FakePhone ? person.deviceNodes() : [node('device', { id: '0' })];
    const facts: Readonly<Record<string, BinaryNode>> = {
      contact: node('contact', { type: 'in' }),
      devices: node('devices', {}, [
        node('device-list', {}, devices),
        node('key-index-list', { ts: nowSeconds() }),
      ]),
      lid: node('lid', { val: lidJid(person.lid) }),
    };
    // A query by LID does not reveal the number.
    const availableFields = fields.filter(
      (name) => name !== 'lid' || (!jid.endsWith('@lid') && !person.hidesLid),
    );
    return [
      node(
        'user',
        { jid },
        availableFields.flatMap((name) => facts[name] ?? []),
      ),
    ];
  });
  const { sid = '' } = first?.attrs ?? {};
  return answer(node('usync', { sid, index: '0', last: 'true' }, [node('list', {}, users)]));
}

function giveMediaHost({ world }: Connection): Promise<BinaryNode[]> {
  const { media } = world;
  return answer(
    node('media_conn', { auth: media.auth, ttl: '3600', auth_ttl: '21600', max_buckets: '12' }, [
      node('host', { hostname: media.hostname, maxContentLengthBytes: '104857600' }),
    ]),
  );
}

function tellGroup({ world }: Connection, query: BinaryNode): Promise<BinaryNode[]> {
  const group = world.findGroup(query.attrs.to ?? '');
  return group ? answer(group.metadata()) : refuse('404', 'item-not-found');
}

function tellAppState(
  _connection: Connection,
  _query: BinaryNode,
  first: BinaryNode | undefined,
): Promise<BinaryNode[]> {
  const collections = children(first, 'collection').map(({ attrs: { name } }) =>
    node('collection', { name, version: '0', type: 'result' }, [node('patches')]),
  );
  return answer(node('sync', {}, collections));
}

/** Handles a device that wants to be linked with a code instead of a QR code. */
function takeCode(
  connection: Connection,
  _query: BinaryNode,
  first: BinaryNode | undefined,
): Promise<BinaryNode[]> {
  const { stage, jid = '' } = first?.attrs ?? {};
  if (!first || !connection.registration) return refuse('400', 'bad-request');
  if (stage === 'companion_finish') {
    // Send the answer before the phone continues.
    setImmediate(() => connection.finishCode(first));
    return answer();
  }
  const wrappedKey = bytesOf(child(first, 'link_code_pairing_wrapped_companion_ephemeral_pub'));
  if (wrappedKey.length !== 80) return refuse('400', 'bad-request');
  if (numberOf(child(first, 'companion_platform_id')) === 0) return refuse('400', 'bad-request');
  const ref = randomBytes(16);
  connection.codeRequest = { phone: parseJid(jid).user, ref, wrappedKey };
  return answer(
    node('link_code_companion_reg', { stage: 'companion_hello' }, [node('link_code_pairing_ref', {}, ref)]),
  );
}

function unlink({ companion }: Connection): Promise<BinaryNode[]> {
  companion?.phone.companions.delete(companion.device);
  return answer();
}
