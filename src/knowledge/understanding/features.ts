/** What may answer: a question with its answer, a passage, or a row of a table. */
export interface Text {
  readonly kind: 'entry' | 'passage' | 'row';
  /** The question of an entry, the name of a row; empty for a passage. */
  readonly head: string;
  readonly body: string;
  /** What stands around a passage: title, headings, its section. */
  readonly context: string;
}

/** Vectors that an embedding model gives a text: of its question where it has one, and of all of it. */
export interface ModelVectors {
  readonly head?: Float32Array | undefined;
  readonly whole: Float32Array;
}

/** A message by the embedding model, and what that model says of two texts that have nothing in common. */
export interface AskedByModel {
  readonly vector: Float32Array;
  /** Cosine of texts taken at random. */
  readonly unrelated: number;
}

/** In this order in the weights. */
export const FEATURES = [
  'askedInHead',
  'headInAsked',
  'askedInBody',
  'askedNearHead',
  'headNearAsked',
  'askedNearEntry',
  'letters',
  'headCosine',
  'bodyCosine',
  'wholeCosine',
  'unexplained',
  'mostUnexplained',
  'negation',
  'number',
  'questionWord',
  'leadCosine',
  'standsOut',
  'leadNear',
  'leadSame',
  'isEntry',
  'bm25',
  'length',
  'lengthRatio',
  'isRow',
  'askedNearContext',
  'contextGain',
  'sign',
  'askedSameEntry',
  'headFullyAsked',
  'headOpen',
  'bothOpen',
  'mostShared',
  'askedSoft',
  'lift',
  'share',
  'centredHead',
  'centredWhole',
  // By an embedding model; 0 without one.
  'modelHead',
  'modelWhole',
  'modelLead',
  'modelStandsOut',
] as const;
export type Feature = (typeof FEATURES)[number];
export type Features = Record<Feature, number>;

/** What the best text is like, and how it stands beside the others; in this order in the weights. */
export const TOP_FEATURES = [
  'score',
  'leadSecond',
  'leadThird',
  'overMean',
  'softmax',
  'unexplained',
  'mostUnexplained',
  'askedNearEntry',
  'headNearAsked',
  'askedSameEntry',
  'cosine',
  'standsOut',
  'length',
  'logSize',
  'negation',
  'number',
  'questionWord',
  'letters',
  'isEntry',
  'isRow',
  'askedNearContext',
  'sign',
  'headFullyAsked',
  'headOpen',
  'bothOpen',
  'mostShared',
  'askedInHead',
  'askedNearHead',
  'askedSoft',
  'lift',
  'share',
  'centredHead',
  'centredWhole',
  'modelCosine',
  'modelLead',
  'modelStandsOut',
] as const;
export type TopFeature = (typeof TOP_FEATURES)[number];

/** What the embedding model says of a text at its best. */
export function modelCosine({ modelHead, modelWhole }: Features): number {
  return Math.max(modelHead, modelWhole);
}
