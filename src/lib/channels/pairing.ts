import type { AccountRecord, ServiceStore } from '../../contracts/stores.js';
import type { ConnectionState, PairingRequest } from '../../contracts/channel.js';

/** Interval between checks for a code, in ms. */
const LOOK_EVERY_MS = 250;

type Looks = Pick<ServiceStore, 'connectionStates'>;

/** The account's state if it changed after `since`, otherwise `undefined`. */
export async function stateSince(
  service: Looks,
  { id, tenantId }: Pick<AccountRecord, 'id' | 'tenantId'>,
  since: Date,
): Promise<ConnectionState | undefined> {
  const current = (await service.connectionStates(tenantId)).find(({ accountId }) => accountId === id);
  return current !== undefined && current.at >= since ? current.state : undefined;
}

/** Waits up to `withinMs` until the process holding the account shows a code, or says why there is none. */
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
    /** Codes of the other method are left over from an earlier request. */
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

/** Whether the state is of interest to the person pairing. */
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

/** A phone number as platforms expect it: digits with country code; `undefined` if it is invalid. */
export function pairingPhone(text: string): string | undefined {
  const digits = text
    .trim()
    .replace(/^\+|^00/, '')
    .replace(/[\s().-]/g, '');
  return /^[1-9]\d{6,14}$/.test(digits) ? digits : undefined;
}
