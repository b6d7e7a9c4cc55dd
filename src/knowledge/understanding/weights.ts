import type { Feature, TopFeature } from './features.js';

export interface Weights<Name extends string> {
  readonly bias: number;
  readonly of: Readonly<Record<Name, number>>;
}

/**
 * Learned weights, made by `npm run eval -- learn`; docs/knowledge.md says from what. `PAIR` puts the
 * texts of a business in order, `TOP` is the probability that the best of them answers the message,
 * `TOP_THREE` that one of the best three does.
 */
export const PAIR: Weights<Feature> = {
  bias: 0,
  of: {
    askedInHead: 0.0663,
    headInAsked: 0.2329,
    askedInBody: 0.3472,
    askedNearHead: 0.139,
    headNearAsked: 2.288,
    askedNearEntry: 2.0851,
    letters: 0.846,
    headCosine: 0.5272,
    bodyCosine: 1.7449,
    wholeCosine: 1.5726,
    unexplained: -2.9472,
    mostUnexplained: -1.5029,
    negation: 0.2507,
    number: -0.7764,
    questionWord: 0.042,
    leadCosine: 1.523,
    standsOut: 1.9381,
    leadNear: 1.2884,
    leadSame: -0.7072,
    isEntry: -0.191,
    bm25: 0.4446,
    length: 0.0793,
    lengthRatio: -0.4104,
    isRow: -0.7971,
    askedNearContext: 2.7731,
    contextGain: 1.5914,
    sign: 0.8919,
    askedSameEntry: -0.7697,
    headFullyAsked: 0.4293,
  },
};

export const TOP: Weights<TopFeature> = {
  bias: -3.255,
  of: {
    score: 0.0516,
    leadSecond: 0.0146,
    leadThird: 0.2059,
    overMean: 0.1114,
    softmax: 2.2555,
    unexplained: -2.2653,
    mostUnexplained: 0.7295,
    askedNearEntry: 0.9214,
    headNearAsked: 1.4553,
    askedSameEntry: 0.3298,
    cosine: 0.5137,
    standsOut: -0.0778,
    length: 0.4685,
    logSize: 0.0714,
    negation: -0.0204,
    number: 0.2457,
    questionWord: -0.688,
    letters: -0.0117,
    isEntry: -0.8728,
    isRow: -1.383,
    askedNearContext: -2.5427,
    sign: -0.1464,
    headFullyAsked: -1.5878,
  },
};

export const TOP_THREE: Weights<TopFeature> = {
  bias: -3.2902,
  of: {
    score: -0.0205,
    leadSecond: -0.1964,
    leadThird: 0.2873,
    overMean: 0.1895,
    softmax: 1.2244,
    unexplained: -2.7322,
    mostUnexplained: 0.6128,
    askedNearEntry: 0.6899,
    headNearAsked: 2.0727,
    askedSameEntry: 0.7584,
    cosine: 0.7464,
    standsOut: 0.0527,
    length: 0.4963,
    logSize: 0.2439,
    negation: -0.3514,
    number: 0.7383,
    questionWord: -0.7038,
    letters: -0.0614,
    isEntry: -0.4639,
    isRow: -1.8359,
    askedNearContext: -2.1967,
    sign: -0.2344,
    headFullyAsked: -1.3401,
  },
};
