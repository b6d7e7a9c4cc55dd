/**
 * What is left of a business's chain of models once the operator allows only some; with nothing
 * left the service's own chain answers.
 */
export function allowedChain({
  chain,
  allowed,
}: {
  readonly chain: readonly string[];
  /** Businesses of before the list was there have none. */
  readonly allowed?: readonly string[];
}): readonly string[] {
  if (allowed === undefined || allowed.length === 0) return chain;
  return chain.filter((spec) => allowed.includes(spec));
}
