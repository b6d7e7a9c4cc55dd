import type { Suggestion } from '../../src/contracts/channel.js';
import { excerpt } from '../../src/lib/text/excerpt.js';
import { shortId } from '../../src/lib/ids/short-id.js';

/** The smallest limit of all platforms. */
const LONGEST_LABEL = 100;

/** Suggests items whose names contain what was typed, those that begin with it first. */
export function suggestions<Item extends { readonly id: string }>(
  items: readonly Item[],
  typed: string,
  nameOf: (item: Item) => string,
): readonly Suggestion[] {
  const query = typed.toLowerCase();
  const candidates = items.map((item) => ({ id: item.id, name: nameOf(item) }));
  const startsWith = ({ name }: { readonly name: string }): boolean => name.toLowerCase().startsWith(query);
  return candidates
    .filter(({ id, name }) => name.toLowerCase().includes(query) || shortId(id) === typed)
    .sort((a, b) => Number(startsWith(b)) - Number(startsWith(a)))
    .map(({ id, name }) => ({ value: shortId(id), label: excerpt(name, LONGEST_LABEL) }));
}
