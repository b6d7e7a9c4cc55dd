import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../lib/project-root.js';
import type { Feature, TopFeature } from './features.js';

export interface Weights<Name extends string> {
  readonly bias: number;
  readonly of: Readonly<Partial<Record<Name, number>>>;
}

/** What puts texts in order and says how sure the order is. */
export interface Judgement {
  /** Puts the texts of a business in order. */
  readonly pair: Weights<Feature>;
  /** Log-odds that the best of them answers the message. */
  readonly top: Weights<TopFeature>;
  /** The same, that one of the best three does. */
  readonly topThree: Weights<TopFeature>;
}

/** Made by `npm run eval -- learn`; docs/knowledge.md says from what. */
const LEARNED = JSON.parse(
  readFileSync(join(projectRoot, 'src/knowledge/understanding/learned-weights.json'), 'utf8'),
) as { readonly withoutModel: Judgement; readonly withModel: Judgement };

export const WITHOUT_MODEL = LEARNED.withoutModel;
/** Where an embedding model knows the texts and the message. */
export const WITH_MODEL = LEARNED.withModel;
