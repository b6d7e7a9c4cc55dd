import type { Text } from '../../../src/knowledge/understanding/matching/features.js';

/** A message, with the positions of the texts that answer it; empty if none does. */
export interface Question {
  readonly text: string;
  readonly right: ReadonlySet<number>;
}

/** Everything a business says, real or made from a public set, and the questions it is asked. */
export interface Pool {
  /** Pools of the same source are left out together. */
  readonly source: string;
  readonly texts: readonly Text[];
  readonly questions: readonly Question[];
  /** Whether two texts say the same: then neither makes the other less likely to be right. */
  readonly haveSameMeaning?: ((one: number, other: number) => boolean) | undefined;
}
