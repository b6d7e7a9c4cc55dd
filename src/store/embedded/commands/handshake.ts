import { hostname } from 'node:os';
import { MAX_DOCUMENT_BYTES } from '../storage/collection.js';
import { MAX_MESSAGE_BYTES } from '../server/wire.js';
import { sessionOf } from '../server/retryable-writes.js';
import type { Command, CommandContext, CommandTable } from '../server/context.js';
import type { Request } from '../server/wire.js';
import { isDoc, isTrue, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { MAX_WRITES } from './arguments.js';

/** The MongoDB version whose behaviour this server follows; clients choose features by it. */
const VERSION = '8.0.12';
const WIRE_VERSION = 25;
/** A replica set with one member, so that drivers use sessions, retryable writes and change streams. */
const SET_NAME = 'sapa';
const SESSION_MINUTES = 30;

/** Where this client reaches the server. */
const addressFor = ({ connection }: Request, { address }: CommandContext): string =>
  connection?.address ?? address;

const hello: Command = (request, context) => ({
  helloOk: true,
  ismaster: true,
  isWritablePrimary: true,
  secondary: false,
  setName: SET_NAME,
  setVersion: 1,
  hosts: [addressFor(request, context)],
  primary: addressFor(request, context),
  me: addressFor(request, context),
  maxBsonObjectSize: MAX_DOCUMENT_BYTES,
  maxMessageSizeBytes: MAX_MESSAGE_BYTES,
  maxWriteBatchSize: MAX_WRITES,
  localTime: context.now(),
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

const endSessions: Command = ({ body }, { retryableWrites, transactions, sessions, cursors }) => {
  const ended = Array.isArray(body.endSessions) ? body.endSessions : [];
  for (const lsid of ended) {
    const session = sessionOf(lsid);
    if (session === undefined) continue;
    sessions.forget(session);
    retryableWrites.forgetSession(session);
    transactions.forgetSession(session);
    cursors.killSession(session);
  }
  return { ok: 1 };
};

/** Ends the commands, cursors and transactions of the given sessions, or of all sessions if none is given. */
const killSessions: Command = ({ body, name }, { transactions, operations, cursors }) => {
  const list: unknown = body[name];
  const sessions = Array.isArray(list) ? list.map(sessionOf).filter((session) => session !== undefined) : [];
  if (sessions.length === 0) {
    operations.killSession();
    cursors.killSession();
    transactions.abortAll();
  }
  for (const session of sessions) {
    operations.killSession(session);
    cursors.killSession(session);
    transactions.abortSession(session);
  }
  return { ok: 1 };
};

const configureFailPoint: Command = ({ body }, { failPoints }) => {
  if (!failPoints) throw new MongoCommandError(59, "no such command: 'configureFailPoint'");
  failPoints.configure(body);
  return { ok: 1 };
};

const noTransaction: Command = () => {
  throw new MongoCommandError(251, 'Given transaction number does not match any in-progress transactions.');
};

const PARAMETERS: Doc = {
  featureCompatibilityVersion: { version: '8.0' },
  transactionLifetimeLimitSeconds: 60,
  ttlMonitorSleepSecs: 5,
};

const getParameter: Command = ({ body }) => {
  const { getParameter: requested } = body;
  const isAll = requested === '*' || (isDoc(requested) && isTrue(requested.allParameters));
  const names = isAll
    ? Object.keys(PARAMETERS)
    : Object.keys(body).filter((name) => Object.hasOwn(PARAMETERS, name));
  if (names.length === 0) throw new MongoCommandError(72, 'no option found to get');
  return { ...Object.fromEntries(names.map((name) => [name, PARAMETERS[name]])), ok: 1 };
};

/** The status of a replica set whose only member is this server. */
const replSetGetStatus: Command = (request, context) => ({
  set: SET_NAME,
  date: context.now(),
  myState: 1,
  members: [
    {
      _id: 0,
      name: addressFor(request, context),
      health: 1,
      state: 1,
      stateStr: 'PRIMARY',
      uptime: Math.floor(process.uptime()),
      self: true,
    },
  ],
  ok: 1,
});

const replSetGetConfig: Command = (request, context) => ({
  config: {
    _id: SET_NAME,
    version: 1,
    members: [{ _id: 0, host: addressFor(request, context), priority: 1, votes: 1 }],
    settings: {},
  },
  ok: 1,
});

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
  getParameter,
  replSetGetStatus,
  replSetGetConfig,
  killAllSessions: killSessions,
  killSessions,
  killAllSessionsByPattern: killSessions,
  setFeatureCompatibilityVersion: ok,
  getLog: () => ({ totalLinesWritten: 0, log: [], ok: 1 }),
  hostInfo: () => ({
    system: { hostname: hostname(), cpuAddrSize: 64 },
    os: { type: process.platform },
    ok: 1,
  }),
  whatsmyuri: () => ({ you: 'local', ok: 1 }),
  getCmdLineOpts: () => ({ argv: [], parsed: {}, ok: 1 }),
  configureFailPoint,
  commitTransaction: noTransaction,
  abortTransaction: noTransaction,
};
