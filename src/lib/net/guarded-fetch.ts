import { lookup, type LookupAddress } from 'node:dns';
import { request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP } from 'node:net';

/** Networks that are not the public internet; no tenant may make us call into them. */
const PRIVATE_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
const PUBLIC_V6 = '2000::/3';
/** Within the public ranges: addresses that embed an IPv4 address, and those reserved for documentation. */
const PRIVATE_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
const MAPPED_V4 = /^::ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i;

export class OutboundError extends Error {
  override readonly name = 'OutboundError';
  constructor(
    readonly kind: 'forbidden' | 'unreachable',
    message: string,
    options: { readonly cause?: unknown; readonly mayHaveArrived?: boolean } = {},
  ) {
    super(message, options);
    this.mayHaveArrived = options.mayHaveArrived ?? false;
  }
  /** The server may have received the request and acted on it. */
  readonly mayHaveArrived: boolean;
}

export interface GuardedRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Limit for the response body; anything beyond it is left unread. */
  readonly maxBytes: number;
  /** A body that breaks off, or is still coming when `signal` aborts, is no failure: the status is known. */
  readonly acceptsPartialBody?: boolean;
}

export interface GuardedResponse {
  /** Redirects are returned like any other response, not followed. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** The only way to call an address that an outsider has named. */
export interface GuardedFetch {
  /**
   * Throws an `OutboundError` of kind `forbidden` if the address is not public or resolves to one that is
   * not.
   */
  check(url: URL): Promise<void>;
  /** Connects to exactly the address that was checked. Throws `OutboundError`. */
  fetch(url: URL, request: GuardedRequest): Promise<GuardedResponse>;
}

/** `allow`: the operator's own hosts and networks that may be reached nevertheless. */
export function createGuardedFetch({ allow }: { readonly allow: readonly string[] }): GuardedFetch {
  const guard = new Guard(allow);
  return {
    async check(url) {
      const host = guard.hostOf(url);
      if (isIP(host) !== 0) return;
      const addresses = await new Promise<readonly LookupAddress[]>((resolve) => {
        lookup(host, { all: true }, (error, records) => {
          resolve(error === null ? records : []);
        });
      });
      guard.checkAddresses(host, addresses);
    },
    fetch: (url, request) => send(guard, url, request),
  };
}

class Guard {
  private readonly hosts = new Set<string>();
  private readonly allowed = new BlockList();
  private readonly refused = listOf(PRIVATE_V4, PRIVATE_V6);
  private readonly publicV6 = listOf([], [PUBLIC_V6]);

  constructor(allow: readonly string[]) {
    for (const entry of allow) {
      const bare = entry.toLowerCase().replace(/^\[|\]$/g, '');
      if (bare.includes('/') || isIP(bare) !== 0) addTo(this.allowed, bare);
      else this.hosts.add(bare);
    }
  }

  /** The host in the URL; an IP address has already been checked. */
  hostOf(url: URL): string {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw forbidden(url.protocol);
    const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
    if (isIP(host) !== 0) this.checkAddresses(host, [{ address: host, family: isIP(host) }]);
    return host;
  }

  checkAddresses(host: string, addresses: readonly LookupAddress[]): void {
    if (this.hosts.has(host)) return;
    if (!addresses.every(({ address }) => this.isReachable(address))) throw forbidden(host);
  }

  private isReachable(input: string): boolean {
    const address = unmapped(input);
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (this.allowed.check(address, family)) return true;
    if (this.refused.check(address, family)) return false;
    return family === 'ipv4' || this.publicV6.check(address, family);
  }
}

function listOf(v4: readonly string[], v6: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of [...v4, ...v6]) addTo(list, network);
  return list;
}

function addTo(list: BlockList, network: string): void {
  const [address = '', bits] = network.split('/');
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
  if (bits === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(bits), family);
}

/** An IPv4 address mapped into IPv6 is judged as IPv4. */
function unmapped(address: string): string {
  const [, dotted, high, low] = MAPPED_V4.exec(address) ?? [];
  if (dotted !== undefined) return dotted;
  if (high === undefined || low === undefined) return address;
  const value = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

function forbidden(what: string): OutboundError {
  return new OutboundError('forbidden', `${what} is not a public address`);
}

async function send(guard: Guard, url: URL, request: GuardedRequest): Promise<GuardedResponse> {
  guard.hostOf(url);
  const { method, headers = {}, body, signal, maxBytes, acceptsPartialBody = false } = request;
  const checkedLookup: NonNullable<RequestOptions['lookup']> = (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, records) => {
      try {
        if (error !== null) throw error;
        guard.checkAddresses(host.toLowerCase(), records);
        const [first] = records;
        if (options.all === true || first === undefined) callback(null, records);
        else callback(null, first.address, first.family);
      } catch (failure) {
        callback(failure as NodeJS.ErrnoException, []);
      }
    });
  };
  const begin = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    let mayHaveArrived = false;
    /** Ends the call with what has arrived of the body, where that is enough. */
    let endEarly: (() => void) | undefined;
    const fail = (cause: unknown): void => {
      const options = { cause, mayHaveArrived };
      endEarly?.();
      if (cause instanceof OutboundError) reject(cause);
      else reject(new OutboundError('unreachable', `${url.host} could not be reached`, options));
    };
    const call = begin(url, { method, headers, signal, agent: false, lookup: checkedLookup }, (answer) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const end = (): void => {
        const whole = Buffer.concat(chunks).subarray(0, maxBytes);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: whole });
      };
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length < maxBytes) return;
        end();
        answer.destroy();
      });
      if (acceptsPartialBody) endEarly = end;
      answer.on('end', end).on('error', fail);
    });
    // Nobody asked for another protocol, and without a listener the call would never end.
    call.on('upgrade', (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.alloc(0) });
    });
    const connected = url.protocol === 'https:' ? 'secureConnect' : 'connect';
    call.on('socket', (socket) => socket.once(connected, () => (mayHaveArrived = true)));
    call.on('error', fail).end(body);
  });
}
