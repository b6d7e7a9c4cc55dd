import { hostname } from 'node:os';
import { MAX_DOCUMENT_BYTES } from '../storage/collection.js';
import { MAX_MESSAGE_BYTES } from '../server/wire.js';
import { sessionOf } from '../server/retryable-writes.js';
import type { Command, CommandTable } from '../server/context.js';
import { searchNotEnabled } from '../query/expression.js';
import { MongoCommandError } from '../errors.js';

/** The version of MongoDB whose behaviour is followed: clients choose features by it. */
const VERSION = '7.0.0';
const WIRE_VERSION = 21;
/** A set of one member: drivers then use sessions, retryable writes and change streams. */
const SET_NAME = 'sapa';
const SESSION_MINUTES = 30;
/** MongoDB's limit of writes in one command. */
export const MAX_WRITES = 100_000;

const hello: Command = (_request, { address, now }) => ({
  helloOk: true,
  ismaster: true,
  isWritablePrimary: true,
  secondary: false,
  setName: SET_NAME,
  setVersion: 1,
  hosts: [address],
  primary: address,
  me: address,
  maxBsonObjectSize: MAX_DOCUMENT_BYTES,
  maxMessageSizeBytes: MAX_MESSAGE_BYTES,
  maxWriteBatchSize: MAX_WRITES,
  localTime: now(),
  logicalSessionTimeoutMinutes: SESSION_MINUTES,
  connectionId: 1,
  minWireVersion: 0,
  maxWireVersion: WIRE_VERSION,
  readOnly: false,
  ok: 1,
});

const ok: Command = () => ({ ok: 1 });

const buildInfo: Command = () => ({
  version: VERSION,
  versionArray: [...VERSION.split('.').map(Number), 0],
  gitVersion: 'sapa-embedded',
  modules: ['sapa-embedded'],
  storageEngines: ['lmdb'],
  bits: 64,
  maxBsonObjectSize: MAX_DOCUMENT_BYTES,
  ok: 1,
});

const serverStatus: Command = (_request, { now }) => ({
  host: hostname(),
  version: VERSION,
  process: 'sapa-embedded',
  pid: process.pid,
  uptime: Math.floor(process.uptime()),
  localTime: now(),
  storageEngine: { name: 'lmdb', persistent: true },
  mem: { resident: Math.round(process.memoryUsage.rss() / 2 ** 20) },
  ok: 1,
});

const endSessions: Command = ({ body }, { retryableWrites }) => {
  const sessions = Array.isArray(body.endSessions) ? body.endSessions : [];
  for (const lsid of sessions) {
    const session = sessionOf(lsid);
    if (session !== undefined) retryableWrites.forget(session);
  }
  return { ok: 1 };
};

const noTransaction: Command = () => {
  throw new MongoCommandError(251, 'Given transaction number does not match any in-progress transactions.');
};

const noSearch: Command = () => {
  throw searchNotEnabled();
};

export const handshakeCommands: CommandTable = {
  hello,
  isMaster: hello,
  ismaster: hello,
  ping: ok,
  buildInfo,
  buildinfo: buildInfo,
  serverStatus,
  endSessions,
  refreshSessions: ok,
  startSession: ok,
  logout: ok,
  connectionStatus: () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] }, ok: 1 }),
  whatsmyuri: () => ({ you: 'local', ok: 1 }),
  getCmdLineOpts: () => ({ argv: [], parsed: {}, ok: 1 }),
  commitTransaction: noTransaction,
  abortTransaction: noTransaction,
  createSearchIndexes: noSearch,
  updateSearchIndex: noSearch,
  dropSearchIndex: noSearch,
  listSearchIndexes: noSearch,
};
