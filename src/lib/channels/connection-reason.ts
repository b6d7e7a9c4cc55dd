import type { ConnectionState } from '../../contracts/connection-state.js';
import type { Translate } from '../../contracts/i18n.js';

/**
 * Why an account is not connected, for its staff. How to pair it is said in their language; any other reason is
 * the platform's own.
 */
export function connectionReason(state: ConnectionState, t: Translate): string | undefined {
  if (state.state === 'needs-pairing') return t('command.channel.pairIt');
  return 'reason' in state ? state.reason : undefined;
}
