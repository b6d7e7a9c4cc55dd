import type { Text } from '../../../src/knowledge/understanding/features.js';

/** A message, with the positions of the texts that answer it; none where nothing does. */
export interface Question {
  readonly text: string;
  readonly right: ReadonlySet<number>;
}

/** All that a business says, real or made of a public set, and what is asked of it. */
export interface Pool {
  /** Pools of one source are left out together. */
  readonly source: string;
  readonly texts: readonly Text[];
  readonly questions: readonly Question[];
  /** Whether two texts say the same: neither makes the other less likely to be right. */
  readonly saySame?: ((one: number, other: number) => boolean) | undefined;
}
