import type { ModelFacts } from '../known-models.js';
import type { ModelCatalogue } from './catalogue.js';

/** One model of a chain or of a vendor's list, as people look at it. */
export interface DescribedModel {
  /** `provider:model` */
  readonly name: string;
  readonly contextTokens?: number;
  /** Absent: calls are counted as unpriced. */
  readonly price?: ModelFacts['price'];
  /** Its vendor lists it; absent where nobody asked. */
  readonly isListed?: boolean;
}

/** What is known of these models. */
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
