/** How long Discord accepts responses to an interaction. */
const LIFE_MS = 15 * 60_000;
/** A call that starts this close to the end may arrive too late, in ms. */
const MARGIN_MS = 10_000;

/** What is needed to respond to an interaction; encoded as an opaque string for all other code. */
export interface InteractionCall {
  /**
   * A command or form expects a reply of its own, which only the caller sees if it is `aside`; a press only
   * expects an acknowledgement.
   */
  readonly kind: 'command' | 'aside' | 'press';
  readonly applicationId: string;
  readonly id: string;
  readonly token: string;
  /** The caller; set if the answer is for them alone. */
  readonly callerId?: string;
}

export function toInteractionToken({ kind, applicationId, id, token, callerId }: InteractionCall): string {
  const shownKind = callerId === undefined ? kind : `${kind}:${callerId}`;
  return `${shownKind}.${applicationId}.${id}.${token}`;
}

/** `undefined` if we did not create it. */
export function parseInteractionToken(text: string): InteractionCall | undefined {
  const [, kind, callerId, applicationId, id, token] =
    /^(command|aside|press)(?::(\d+))?\.(\d+)\.(\d+)\.(.+)$/s.exec(text) ?? [];
  if (!isKind(kind) || applicationId === undefined || id === undefined || token === undefined) {
    return undefined;
  }
  return { kind, applicationId, id, token, ...(callerId === undefined ? {} : { callerId }) };
}

function isKind(kind: string | undefined): kind is InteractionCall['kind'] {
  return kind === 'command' || kind === 'aside' || kind === 'press';
}

export function isAlive(receivedAt: Date, now: Date): boolean {
  return now.getTime() - receivedAt.getTime() < LIFE_MS - MARGIN_MS;
}
