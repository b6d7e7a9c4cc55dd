import { z } from 'zod';
import type { ConnectionState } from '../../contracts/channel.js';
import type { AccountRecord } from '../../contracts/stores.js';
import { timeSchema } from '../../lib/api/fields.js';

export const accountSchema = z.object({
  id: z.string(),
  channel: z.string(),
  created_at: timeSchema,
  state: z.enum(['unknown', 'connecting', 'open', 'stopped', 'backing-off', 'needs-pairing', 'blocked']),
  state_at: timeSchema.nullable(),
  paused: z.boolean(),
  reason: z.string().optional(),
  until: timeSchema.optional().describe('When the connection is tried again'),
  qr: z.string().optional().describe('Text of the QR code to pair with'),
  pairing_code: z.string().optional(),
});

export const accountExample = {
  id: 'acct_5mQ0x7cWb2nVrT8sYkLd1A',
  channel: 'telegram',
  created_at: '2026-01-05T02:00:00.000Z',
  paused: false,
  state: 'open',
  state_at: '2026-01-05T02:00:05.000Z',
};

interface KnownState {
  readonly state: ConnectionState;
  readonly at: Date;
}

function stateJson(state: ConnectionState) {
  switch (state.state) {
    case 'connecting':
    case 'stopped':
      return { state: state.state };
    case 'open':
      return { state: state.state, ...(state.reason === undefined ? {} : { reason: state.reason }) };
    case 'backing-off':
      return { state: state.state, reason: state.reason, until: state.until.toISOString() };
    case 'blocked':
      return { state: state.state, reason: state.reason };
    case 'needs-pairing': {
      const { reason, qr, pairingCode } = state;
      return {
        state: state.state,
        reason,
        ...(qr === undefined ? {} : { qr }),
        ...(pairingCode === undefined ? {} : { pairing_code: pairingCode }),
      };
    }
    default:
      return state satisfies never;
  }
}

/** A pause takes effect immediately, even before the process holding the connection has closed it. */
function stateOf({ isPaused }: AccountRecord, connectionState: KnownState | undefined) {
  if (isPaused === true) return { state: 'stopped' as const, reason: 'paused' };
  return connectionState === undefined ? { state: 'unknown' as const } : stateJson(connectionState.state);
}

export function accountJson(
  account: AccountRecord,
  connectionState: KnownState | undefined,
): z.output<typeof accountSchema> {
  return {
    id: account.id,
    channel: account.channel,
    created_at: account.createdAt.toISOString(),
    paused: account.isPaused === true,
    ...stateOf(account, connectionState),
    state_at: connectionState?.at.toISOString() ?? null,
  };
}
