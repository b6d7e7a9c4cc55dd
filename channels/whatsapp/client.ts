import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { get as httpGet } from 'node:http';
import { Agent, get as httpsGet } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { checkServerIdentity, rootCertificates } from 'node:tls';
import makeWASocket, {
  DEFAULT_CONNECTION_CONFIG,
  fetchLatestWaWebVersion,
  proto,
  WA_CERT_DETAILS,
  type AuthenticationState,
  type SocketConfig,
  type WASocket,
  type WAVersion,
} from '@whiskeysockets/baileys';
import { ChannelError } from '../../src/contracts/channel.js';
import type { Logger } from '../../src/contracts/runtime.js';
import { tooLarge } from '../../src/lib/net/read-at-most.js';
import { isRealServer, type WhatsAppConfig } from './config.js';
import { isPublication } from './jid.js';
import type { MediaReference } from './media-reference.js';
import { silenceLibsignal } from './quiet-libsignal.js';
import { toWhatsAppError } from './whatsapp-error.js';

const DEFAULT_MEDIA_HOST = 'mmg.whatsapp.net';
/** Overhead of an encrypted file: a ten-byte checksum and at most sixteen bytes of padding. */
const SEAL_BYTES = 26;

export interface SocketOptions {
  readonly config: WhatsAppConfig;
  readonly auth: AuthenticationState;
  readonly logger: Logger;
  readonly version?: WAVersion;
  readonly getMessage: SocketConfig['getMessage'];
  readonly cachedGroupMetadata: SocketConfig['cachedGroupMetadata'];
  readonly makeSignalRepository: SocketConfig['makeSignalRepository'];
}

/** Opens a socket of the library that prints nothing and fetches no links that people send. */
export function openSocket({ config, auth, logger, version, ...hooks }: SocketOptions): WASocket {
  silenceLibsignal();
  if (config.noiseRoot !== undefined) WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(config.noiseRoot, 'hex');
  const agent = agentFor(config);
  const { HistorySyncType } = proto.HistorySync;
  return makeWASocket({
    ...hooks,
    auth,
    waWebSocketUrl: config.wsUrl,
    logger: quietLogger(logger),
    ...(version === undefined ? {} : { version }),
    ...(agent === undefined ? {} : { fetchAgent: agent }),
    ...(agent === undefined || config.wsUrl.startsWith('ws:') ? {} : { agent }),
    ...(config.mediaHost === undefined
      ? {}
      : { customUploadHosts: [{ hostname: config.mediaHost, maxContentLengthBytes: 100 * 1024 * 1024 }] }),
    // Old chats are not ours to read, but the first part of the history maps numbers to LIDs.
    syncFullHistory: false,
    shouldSyncHistoryMessage: ({ syncType }) =>
      syncType === HistorySyncType.INITIAL_BOOTSTRAP || syncType === HistorySyncType.PUSH_NAME,
    // A device that is always online suppresses notifications on the owner's phone.
    markOnlineOnConnect: false,
    emitOwnEvents: false,
    // The library handles one message at a time, so a pause after each unreadable one would hold up everybody.
    retryRequestDelayMs: 0,
    shouldIgnoreJid: isPublication,
    // Few retries here: the key store itself waits for the store.
    transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 100 },
  });
}

export const makeSignalRepository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository;

/**
 * The version web.whatsapp.com serves today; `undefined` if another server is configured or it does not say.
 */
export async function latestVersion(config: WhatsAppConfig): Promise<WAVersion | undefined> {
  if (!isRealServer(config)) return undefined;
  const { version, isLatest } = await fetchLatestWaWebVersion();
  return isLatest ? version : undefined;
}

/**
 * Fetches the file of a message, still encrypted. Only from WhatsApp's hosts or those of the server the
 * operator chose, because the address comes from a stranger.
 */
export async function fetchSealed(
  reference: MediaReference,
  config: WhatsAppConfig,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const url = mediaUrl(reference, config);
  try {
    const response = await get(url, agentFor(config), signal);
    const { statusCode = 0 } = response;
    if (statusCode !== 200) {
      response.destroy();
      throw downloadRefused(statusCode);
    }
    return await collect(response, maxBytes);
  } catch (error) {
    throw toWhatsAppError('download', error);
  }
}

function mediaUrl({ path, url }: MediaReference, config: WhatsAppConfig): URL {
  if (path !== undefined) return new URL(path, `https://${config.mediaHost ?? DEFAULT_MEDIA_HOST}`);
  const parsed = URL.canParse(url ?? '') ? new URL(url ?? '') : undefined;
  const hosts = [config.mediaHost, isRealServer(config) ? undefined : new URL(config.wsUrl).host];
  const isTheirs = parsed?.protocol === 'https:' && /(?:^|\.)whatsapp\.net$/.test(parsed.hostname);
  if (parsed && (isTheirs || hosts.includes(parsed.host))) return parsed;
  throw new ChannelError('rejected', 'download: the file is not on a host of WhatsApp');
}

function get(url: URL, agent: Agent | undefined, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { signal, headers: { origin: 'https://web.whatsapp.com' } };
    const request =
      url.protocol === 'http:'
        ? httpGet(url, options, resolve)
        : httpsGet(url, agent === undefined ? options : { ...options, agent }, resolve);
    request.on('error', reject);
  });
}

async function collect(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of response) {
    const bytes = chunk as Buffer;
    total += bytes.length;
    if (total > maxBytes + SEAL_BYTES) {
      response.destroy();
      throw tooLarge(maxBytes);
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** WhatsApp keeps files for weeks; after that only the phone has them. */
function downloadRefused(status: number): ChannelError {
  const reason = `download: the media host answered ${status}`;
  if (status === 404 || status === 410 || status === 403) return new ChannelError('gone', reason);
  if (status === 429) return new ChannelError('rate-limited', reason, { retryAfterMs: 5_000 });
  return new ChannelError(status >= 500 ? 'unreachable' : 'rejected', reason);
}

/** Accepts certificates that the operator trusts explicitly for any host. */
function agentFor({ caFile }: WhatsAppConfig): Agent | undefined {
  if (caFile === undefined) return undefined;
  const pem = readFileSync(caFile, 'utf8');
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const trusted = certificates.map((text) => new X509Certificate(text).fingerprint256);
  return new Agent({
    ca: [...rootCertificates, pem],
    checkServerIdentity: (host, certificate) =>
      trusted.includes(certificate.fingerprint256) ? undefined : checkServerIdentity(host, certificate),
  });
}

/**
 * Logs only the library's fixed sentences, because the objects it logs contain messages, numbers and keys.
 */
function quietLogger(logger: Logger): SocketConfig['logger'] {
  const tell = (_facts: unknown, sentence?: string): void => {
    if (sentence !== undefined) logger.debug({ from: 'library' }, sentence);
  };
  const nothing = (): void => undefined;
  const quiet: SocketConfig['logger'] = {
    level: 'warn',
    child: () => quiet,
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: tell,
    error: tell,
  };
  return quiet;
}
