import { parseModelSpec } from './model-spec.js';

/** A problem with one field; `path` is dotted, e.g. `models.chain.0`. */
export interface SettingsProblem {
  readonly path: string;
  readonly message: string;
}

/** What a service offers to its businesses. */
export interface OfferedModels {
  /** Provider names allowed before the colon in a chain. */
  readonly providers: readonly string[];
  /** Models businesses may choose, with `*` at the end as a wildcard; `undefined`: all. */
  readonly tenantModels?: readonly string[] | undefined;
}

/** Whether the operator allows businesses to choose this model. */
export function isOffered(spec: string, { tenantModels }: Pick<OfferedModels, 'tenantModels'>): boolean {
  if (tenantModels === undefined) return true;
  return tenantModels.some((pattern) =>
    pattern.endsWith('*') ? spec.startsWith(pattern.slice(0, -1)) : spec === pattern,
  );
}

/**
 * Entries in a business's model chain that no provider of this service has, or that the operator does not
 * offer. A known provider that is not configured is not the business's mistake: the chain continues without
 * it.
 */
export function unknownProviders(
  chain: readonly string[],
  models: OfferedModels,
): readonly SettingsProblem[] {
  const { providers, tenantModels } = models;
  return chain.flatMap((spec, index) => {
    const path = `models.chain.${index}`;
    if (!providers.includes(parseModelSpec(spec).provider)) {
      return [{ path, message: `The providers of this service are ${providers.join(', ')}.` }];
    }
    if (isOffered(spec, models)) return [];
    return [{ path, message: `The models to choose from are ${(tenantModels ?? []).join(', ')}.` }];
  });
}
