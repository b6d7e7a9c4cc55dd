import { parseModelSpec } from './model-spec.js';

/** What is wrong with one field; `path` is dotted, e.g. `models.chain.0`. */
export interface SettingsProblem {
  readonly path: string;
  readonly message: string;
}

/** What a service offers to its businesses. */
export interface OfferedModels {
  /** Names a chain may use before the colon. */
  readonly providers: readonly string[];
  /** Models a business may choose, `*` at the end for any; `undefined`: all there are. */
  readonly tenantModels?: readonly string[] | undefined;
}

/** Whether the operator lets businesses choose this model. */
export function isOffered(spec: string, { tenantModels }: Pick<OfferedModels, 'tenantModels'>): boolean {
  if (tenantModels === undefined) return true;
  return tenantModels.some((pattern) =>
    pattern.endsWith('*') ? spec.startsWith(pattern.slice(0, -1)) : spec === pattern,
  );
}

/**
 * Names in a business's chain of models that no provider of this service has, or that its operator
 * does not offer. A provider that is known but not set up is no mistake of the business: the chain
 * goes on without it.
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
