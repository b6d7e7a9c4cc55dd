import type { Bubble } from '../../contracts/turn.js';
import { splitText } from '../../lib/text/split-text.js';
import type { TurnState } from '../turn-state.js';

/** Rendering can lengthen a text (escapes, tags), so part of the channel's limit stays unused. */
const RENDER_RESERVE = 0.9;

/**
 * Splits an answer into messages according to the channel's limits and the business's settings. If that gives
 * too many, they grow up to the channel's limit; so do lists, reports and anything with `isWhole`.
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
