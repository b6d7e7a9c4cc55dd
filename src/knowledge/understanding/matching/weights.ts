import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../lib/project-root.js';
import type { Feature, TopFeature } from './features.js';

export interface Weights<Name extends string> {
  readonly bias: number;
  readonly of: Readonly<Partial<Record<Name, number>>>;
}

/** Weights for ranking texts and for judging how certain the ranking is. */
export interface Judgement {
  /** Weights for ranking the texts of a business. */
  readonly pair: Weights<Feature>;
  /** Weights for the log-odds that the best text answers the message. */
  readonly top: Weights<TopFeature>;
  /** Weights for the log-odds that one of the best three answers it. */
  readonly topThree: Weights<TopFeature>;
}

/** Produced by `npm run eval -- learn`; docs/knowledge.md describes the training data. */
const LEARNED = JSON.parse(
  readFileSync(join(projectRoot, 'src/knowledge/understanding/learned-weights.json'), 'utf8'),
) as { readonly withoutModel: Judgement; readonly withModel: Judgement };

export const WITHOUT_MODEL = LEARNED.withoutModel;
/** Used if an embedding model has vectors for the texts and the message. */
export const WITH_MODEL = LEARNED.withModel;
