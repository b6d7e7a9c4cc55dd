import type { ConnectionState } from '../contracts/connection-state.js';
import type { Translate } from '../contracts/i18n.js';

/** What an account lacks, for its staff: how it is paired they are told in their language, the rest is the platform's own. */
export function connectionReason(state: ConnectionState, t: Translate): string | undefined {
  if (state.state === 'needs-pairing') return t('command.channel.pairIt');
  return 'reason' in state ? state.reason : undefined;
}
