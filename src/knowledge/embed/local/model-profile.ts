/** The prefixes a model expects. */
export interface ModelProfile {
  readonly queryPrefix: string;
  readonly passagePrefix: string;
}

const PLAIN: ModelProfile = { queryPrefix: '', passagePrefix: '' };

/** Families trained with prefixes; others take texts as they are. Source: their model cards. */
const FAMILIES: readonly (readonly [RegExp, ModelProfile])[] = [
  [/(^|[/-])(multilingual-)?e5-/i, { queryPrefix: 'query: ', passagePrefix: 'passage: ' }],
  [
    /bge-(small|base|large)-en/i,
    { queryPrefix: 'Represent this sentence for searching relevant passages: ', passagePrefix: '' },
  ],
];

export function modelProfile(modelName: string): ModelProfile {
  return FAMILIES.find(([pattern]) => pattern.test(modelName))?.[1] ?? PLAIN;
}
