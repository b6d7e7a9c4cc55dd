/** How long Discord lets an interaction be answered. */
const LIFE_MS = 15 * 60_000;
/** A call that starts this close to the end may arrive too late, in ms. */
const MARGIN_MS = 10_000;

/** What is needed to answer an interaction; written into one opaque text for everyone else. */
export interface InteractionCall {
  /** A command (or a form) waits for a reply of its own; a press only for a sign that it was seen. */
  readonly kind: 'command' | 'press';
  readonly applicationId: string;
  readonly id: string;
  readonly token: string;
}

export function toInteractionToken({ kind, applicationId, id, token }: InteractionCall): string {
  return `${kind}.${applicationId}.${id}.${token}`;
}

/** `undefined` when it was not made by us. */
export function parseInteractionToken(text: string): InteractionCall | undefined {
  const [, kind, applicationId, id, token] = /^(command|press)\.(\d+)\.(\d+)\.(.+)$/s.exec(text) ?? [];
  if (kind === undefined || applicationId === undefined || id === undefined || token === undefined) {
    return undefined;
  }
  return { kind: kind === 'command' ? 'command' : 'press', applicationId, id, token };
}

export function isAlive(receivedAt: Date, now: Date): boolean {
  return now.getTime() - receivedAt.getTime() < LIFE_MS - MARGIN_MS;
}
