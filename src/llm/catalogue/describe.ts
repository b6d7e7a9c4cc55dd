import type { ModelFacts } from '../known-models.js';
import type { ModelCatalogue } from './catalogue.js';

/** One model of a chain or of a vendor's list, as shown to people. */
export interface DescribedModel {
  /** `provider:model` */
  readonly name: string;
  readonly contextTokens?: number;
  /** Absent: its calls count as unpriced. */
  readonly price?: ModelFacts['price'];
  /** Whether its vendor lists it; absent if its list was never read. */
  readonly isListed?: boolean;
}

/** Returns what is known about these models. */
export function describeModels(
  names: readonly string[],
  catalogue: ModelCatalogue,
): readonly DescribedModel[] {
  const lists = catalogue.lists();
  return names.map((name) => {
    const colon = name.indexOf(':');
    const [provider, model] = [name.slice(0, colon), name.slice(colon + 1)];
    const { context_tokens: contextTokens, price } = catalogue.factsOf(provider, model) ?? {};
    const listed = lists?.listed[provider];
    return {
      name,
      ...(contextTokens === undefined ? {} : { contextTokens }),
      ...(price === undefined ? {} : { price }),
      ...(listed === undefined ? {} : { isListed: listed.includes(model) }),
    };
  });
}
