/**
 * The models of a business's chain that the operator allows; if none is left, the service's own chain is
 * used.
 */
export function allowedChain({
  chain,
  allowed,
}: {
  readonly chain: readonly string[];
  /** Businesses created before the list existed have none. */
  readonly allowed?: readonly string[];
}): readonly string[] {
  if (allowed === undefined || allowed.length === 0) return chain;
  return chain.filter((spec) => allowed.includes(spec));
}
