/** What to do after a connection was closed. */
export type Reaction =
  /** Normal right after pairing: reconnect with the same keys immediately. */
  | { readonly type: 'reconnect-now' }
  | { readonly type: 'back-off'; readonly reason: string }
  /** Nobody used the pairing codes in time. */
  | { readonly type: 'codes-expired' }
  /** The phone unlinked this device, so its keys are worthless. */
  | { readonly type: 'logged-out'; readonly reason: string }
  /** Another session uses the same keys; reconnecting would start a fight over them. */
  | { readonly type: 'replaced'; readonly reason: string }
  | { readonly type: 'banned-for-a-while'; readonly reason: string }
  /** The server no longer accepts this version of the library. */
  | { readonly type: 'outdated'; readonly reason: string }
  /** Only a person can resolve this. */
  | { readonly type: 'blocked'; readonly reason: string };

/** Maps the library's disconnect codes; 408 also ends a pairing whose codes nobody used. */
export function reactionTo(code: number | undefined, wereCodesShown: boolean): Reaction {
  switch (code) {
    case 515:
      return { type: 'reconnect-now' };
    case 401:
      return { type: 'logged-out', reason: 'WhatsApp logged this device out (401): pair it again' };
    case 402:
      return { type: 'banned-for-a-while', reason: 'WhatsApp banned this number for a while (402)' };
    case 406:
      return { type: 'blocked', reason: 'WhatsApp refuses this number (406): look on the phone' };
    case 403:
      return { type: 'blocked', reason: 'WhatsApp refuses this number (403): it may be banned' };
    case 405:
    case 409:
      return {
        type: 'outdated',
        reason: `WhatsApp refuses this version of its protocol (${code}): Sapa must be updated`,
      };
    case 408:
      if (wereCodesShown) return { type: 'codes-expired' };
      return { type: 'back-off', reason: 'the connection to WhatsApp was lost (408)' };
    case 411:
      return { type: 'blocked', reason: 'the phone’s WhatsApp is too old to link devices (411)' };
    case 440:
      return {
        type: 'replaced',
        reason: 'another session took over this number (440): close it, then pair or resume',
      };
    case 428:
      return { type: 'back-off', reason: 'WhatsApp closed the connection (428)' };
    case 503:
      return { type: 'back-off', reason: 'WhatsApp is not available (503)' };
    default:
      return { type: 'back-off', reason: `the connection to WhatsApp ended (${code ?? 'no code'})` };
  }
}
