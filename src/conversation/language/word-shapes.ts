import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../lib/project-root.js';

const FILE = join(projectRoot, 'src/conversation/language/word-shapes.txt');
const LONGEST_GROUP = 3;
/** Shorter words are spelt alike in both languages. */
const SHORTEST_WORD = 4;
/** No single word counts for more than this, however clear its shape. */
const MOST = 3;

interface Shapes {
  readonly bias: number;
  readonly weights: ReadonlyMap<string, number>;
}

let shipped: Shapes | undefined;

/** Log-odds, -3 to 3, that a word is Indonesian rather than English, based on its letter groups. */
export function indonesianShape(word: string): number {
  if (word.length < SHORTEST_WORD) return 0;
  shipped ??= readShapes();
  const { bias, weights } = shipped;
  const marked = `<${word}>`;
  let sum = bias;
  for (let size = 1; size <= LONGEST_GROUP; size += 1) {
    for (let at = 0; at + size <= marked.length; at += 1)
      sum += weights.get(marked.slice(at, at + size)) ?? 0;
  }
  return Math.min(MOST, Math.max(-MOST, sum));
}

/** Loaded on first use: about 3,000 groups. */
function readShapes(): Shapes {
  const lines = readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const weights = new Map(
    lines.map((line) => {
      const [group = '', hundredths = '0'] = line.split(' ');
      return [group, Number(hundredths) / 100] as const;
    }),
  );
  return { bias: weights.get('*') ?? 0, weights };
}
