import { parseModelSpec } from './model-spec.js';

/** What is wrong with one field; `path` is dotted, e.g. `models.chain.0`. */
export interface SettingsProblem {
  readonly path: string;
  readonly message: string;
}

/**
 * Names in a business's chain of models that no provider of this service has. A provider that is
 * known but not set up is no mistake of the business: the chain goes on without it.
 */
export function unknownProviders(
  chain: readonly string[],
  known: readonly string[],
): readonly SettingsProblem[] {
  return chain.flatMap((spec, index) =>
    known.includes(parseModelSpec(spec).provider)
      ? []
      : [
          {
            path: `models.chain.${index}`,
            message: `The providers of this service are ${known.join(', ')}.`,
          },
        ],
  );
}
