/** A candidate answer: an FAQ entry, a passage, or a table row. */
export interface Text {
  readonly kind: 'entry' | 'passage' | 'row';
  /** The question of an entry or the name of a row; empty for a passage. */
  readonly head: string;
  readonly body: string;
  /** The surroundings of a passage: title, headings, its section. */
  readonly context: string;
}

/** An embedding model's vectors for a text: its question, if any, and the whole text. */
export interface ModelVectors {
  readonly head?: Float32Array | undefined;
  readonly whole: Float32Array;
}

/** A message's vector, and the model's typical cosine between unrelated texts. */
export interface AskedByModel {
  readonly vector: Float32Array;
  /** Typical cosine of texts chosen at random. */
  readonly unrelated: number;
}

/**
 * Features of a text compared with a message. `speaks`: more evidence for an answer never makes it less
 * likely, more evidence against it never more likely. `ofBest`: also used to judge how far the best text can
 * be trusted.
 */
export const FEATURES = {
  askedInHead: { speaks: 'for', ofBest: true },
  askedNearHead: { speaks: 'for', ofBest: true },
  headNearAsked: { speaks: 'for', ofBest: true },
  askedNearEntry: { speaks: 'for', ofBest: true },
  letters: { speaks: 'for', ofBest: true },
  headCosine: { speaks: 'for', ofBest: false },
  bodyCosine: { speaks: 'for', ofBest: false },
  wholeCosine: { speaks: 'for', ofBest: false },
  unexplained: { speaks: 'against', ofBest: true },
  mostUnexplained: { speaks: 'against', ofBest: true },
  negation: { speaks: 'either', ofBest: true },
  number: { speaks: 'against', ofBest: true },
  questionWord: { speaks: 'either', ofBest: true },
  standsOut: { speaks: 'for', ofBest: true },
  isEntry: { speaks: 'either', ofBest: true },
  bm25: { speaks: 'for', ofBest: false },
  length: { speaks: 'either', ofBest: true },
  isRow: { speaks: 'either', ofBest: true },
  askedNearContext: { speaks: 'for', ofBest: true },
  contextGain: { speaks: 'for', ofBest: false },
  sign: { speaks: 'for', ofBest: true },
  askedSameEntry: { speaks: 'for', ofBest: true },
  headFullyAsked: { speaks: 'for', ofBest: true },
  headOpen: { speaks: 'against', ofBest: true },
  bothOpen: { speaks: 'against', ofBest: true },
  mostShared: { speaks: 'for', ofBest: true },
  askedSoft: { speaks: 'for', ofBest: true },
  lift: { speaks: 'for', ofBest: true },
  share: { speaks: 'for', ofBest: true },
  centredHead: { speaks: 'for', ofBest: true },
  centredWhole: { speaks: 'for', ofBest: true },
  heavyCount: { speaks: 'either', ofBest: true },
  heavySaid: { speaks: 'for', ofBest: true },
  saidElsewhere: { speaks: 'against', ofBest: true },
  saidHereOnly: { speaks: 'for', ofBest: true },
  // From an embedding model; 0 without one.
  modelHead: { speaks: 'either', ofBest: false },
  modelWhole: { speaks: 'either', ofBest: false },
  modelLead: { speaks: 'either', ofBest: true },
  modelStandsOut: { speaks: 'either', ofBest: true },
} as const;
export type Feature = keyof typeof FEATURES;
export type Features = Record<Feature, number>;
export const FEATURE_NAMES = Object.keys(FEATURES) as Feature[];

type FeatureOfBest = {
  [Name in Feature]: (typeof FEATURES)[Name]['ofBest'] extends true ? Name : never;
}[Feature];
const FEATURES_OF_BEST = FEATURE_NAMES.filter((name): name is FeatureOfBest => FEATURES[name].ofBest);

/** How the best text compares with the others. */
const STANDING = [
  'score',
  'leadSecond',
  'leadThird',
  'overMean',
  'softmax',
  'cosine',
  'logSize',
  'rivalHasSign',
  'rowIsOther',
  'modelCosine',
] as const;
export const TOP_FEATURES = [...FEATURES_OF_BEST, ...STANDING] as const;
export type TopFeature = (typeof TOP_FEATURES)[number];

/** The higher of the embedding model's two cosines. */
export function modelCosine({ modelHead, modelWhole }: Features): number {
  return Math.max(modelHead, modelWhole);
}
