import type { Bubble } from '../../contracts/turn.js';
import { splitText } from '../../lib/split-text.js';
import type { TurnState } from '../turn-state.js';

/** Rendering may lengthen a text (escapes, tags): the channel's limit is not used to the last unit. */
const RENDER_RESERVE = 0.9;

/**
 * Cuts an answer into messages that fit the channel and the taste of the business. When that
 * would be too many, they grow up to the channel's limit instead; so does what is no speech but a list
 * or a report, and `isWhole`.
 */
export function makeBubbles(
  text: string,
  state: Pick<TurnState, 'capabilities' | 'scope'>,
  { isWhole = false }: { readonly isWhole?: boolean } = {},
): readonly Bubble[] {
  if (text.trim() === '') return [];
  const hardLimit = Math.floor(state.capabilities.textLimit * RENDER_RESERVE);
  const { max_chars: preferredChars, max_count: count } = state.scope.settings.bubbles;
  const preferred = splitText(text, Math.min(preferredChars, hardLimit));
  const parts = preferred.length <= count && !isWhole ? preferred : splitText(text, hardLimit);
  return parts.map((part) => ({ type: 'text', text: part }));
}
