import type { AccountRecord, ServiceStore } from '../contracts/stores.js';
import type { ConnectionState, PairingRequest } from '../contracts/channel.js';

/** How often it is looked whether there is a code, in ms. */
const LOOK_EVERY_MS = 250;

type Looks = Pick<ServiceStore, 'connectionStates'>;

/** The state of an account that changed after `since`, or `undefined` as long as there is none. */
export async function stateSince(
  service: Looks,
  { id, tenantId }: Pick<AccountRecord, 'id' | 'tenantId'>,
  since: Date,
): Promise<ConnectionState | undefined> {
  const current = (await service.connectionStates(tenantId)).find(({ accountId }) => accountId === id);
  return current !== undefined && current.at >= since ? current.state : undefined;
}

/** Waits until whoever holds the account shows a code, or says why there is none; at most `withinMs`. */
export async function untilPairable(
  service: Looks,
  account: Pick<AccountRecord, 'id' | 'tenantId'>,
  since: Date,
  {
    method,
    withinMs,
    signal,
    sleep,
    monotonicMs,
  }: {
    /** A code of the other kind is left from an earlier wish. */
    readonly method: PairingRequest['method'];
    readonly withinMs: number;
    readonly signal: AbortSignal;
    sleep(ms: number, signal?: AbortSignal): Promise<void>;
    monotonicMs(): number;
  },
): Promise<ConnectionState | undefined> {
  const end = monotonicMs() + withinMs;
  for (;;) {
    const state = await stateSince(service, account, since);
    if (state !== undefined && isTelling(state, method)) return state;
    if (signal.aborted || monotonicMs() > end) return state;
    await sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
}

/** Says something to whoever wants to pair. */
function isTelling(state: ConnectionState, method: PairingRequest['method']): boolean {
  switch (state.state) {
    case 'needs-pairing':
      return (method === 'qr' ? state.qr : state.pairingCode) !== undefined;
    case 'open':
    case 'blocked':
    case 'backing-off':
      return true;
    case 'connecting':
    case 'stopped':
      return false;
    default:
      return state satisfies never;
  }
}

/** A phone number as platforms want it: digits with the country code; `undefined` when it is none. */
export function pairingPhone(text: string): string | undefined {
  const digits = text
    .trim()
    .replace(/^\+|^00/, '')
    .replace(/[\s().-]/g, '');
  return /^[1-9]\d{6,14}$/.test(digits) ? digits : undefined;
}
