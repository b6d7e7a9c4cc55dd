/** Ids we made: a prefix and 128 random bits. Others were chosen by people and stay whole. */
const MADE_ID = /^[a-z]+_[\w-]{22}$/;
/** 36 bits: enough to tell a business's records apart, short enough to type on a phone. */
const SHORT_LENGTH = 6;

export function shortId(id: string): string {
  return MADE_ID.test(id) ? id.slice(-SHORT_LENGTH) : id;
}

/** The one item with this id or short id; `undefined` when none or more than one has it. */
export function findById<Item extends { readonly id: string }>(
  items: readonly Item[],
  id: string,
): Item | undefined {
  const exact = items.find((item) => item.id === id);
  if (exact) return exact;
  const [match, second] = items.filter((item) => shortId(item.id) === id);
  return second ? undefined : match;
}
