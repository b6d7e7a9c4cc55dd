import { describe, expect, it } from 'vitest';
import { answerQuestion } from '../../src/tabular/ask/answer-question.js';
import { readQuestion } from '../../src/tabular/ask/read-question.js';
import { profileTable } from '../../src/tabular/read/profile-table.js';

const CSV = [
  'tanggal,kota,total,berat_kg,lunas',
  '2026-01-05,Solo,100000,1.5,ya',
  '2026-01-06,Solo,300000,,tidak',
  '2026-02-01,Medan,50000,2,ya',
  '2026-02-08,Medan,,3,ya',
  '2026-02-09,solo kota,10000,4,tidak',
].join('\n');
const pieces = [Buffer.from(CSV)];
const table = await profileTable(pieces, {
  types: { kota: 'category', total: 'number', berat_kg: 'number' },
});

/** Reads the question and returns the lines of its answer. */
async function ask(words: string): Promise<unknown> {
  const question = readQuestion(words, table.columns);
  if (question === undefined) return undefined;
  const { lines } = await answerQuestion(pieces, table, question);
  return lines.map(({ group, value }) => (group === undefined ? value : [group, value]));
}

describe('a question about a table', () => {
  it.each([
    [
      'mean total by kota',
      [
        ['Solo', 200_000],
        ['Medan', 50_000],
        ['solo kota', 10_000],
      ],
    ],
    [
      'rata-rata total menurut kota',
      [
        ['Solo', 200_000],
        ['Medan', 50_000],
        ['solo kota', 10_000],
      ],
    ],
    [
      'jumlah total per bulan',
      [
        ['2026-01', 400_000],
        ['2026-02', 60_000],
      ],
    ],
    [
      'total per week',
      [
        ['2026-01-05', 400_000],
        ['2026-01-26', 50_000],
        ['2026-02-09', 10_000],
      ],
    ],
    [
      'count by kota',
      [
        ['Solo', 2],
        ['Medan', 2],
        ['solo kota', 1],
      ],
    ],
    ['how many', [5]],
    ['top 1 kota by total', [['Solo', 400_000]]],
    ['1 terkecil kota menurut total', [['solo kota', 10_000]]],
    ['highest berat kg', [4]],
    ['berapa banyak kota=medan', [2]],
    ['sum total where kota is "solo kota"', [10_000]],
    ['what is the weather', undefined],
    ['mean of nothing', undefined],
  ])('“%s” is answered by counting its rows', async (words, lines) => {
    expect(await ask(words)).toEqual(lines);
  });

  it('is answered with the number of rows counted and of unreadable ones', async () => {
    const answer = await answerQuestion(pieces, table, {
      measure: 'sum',
      column: 'total',
      by: 'kota',
      limit: 1,
    });
    expect(answer).toMatchObject({
      allLines: 3,
      rows: 4,
      unreadable: 1,
      lines: [{ group: 'Solo', rows: 2 }],
    });
  });

  it.each([
    [{ measure: 'sum', column: 'profit' }, 'unknown-column'],
    [{ measure: 'sum', column: 'kota' }, 'cannot-answer'],
    [{ measure: 'sum' }, 'cannot-answer'],
    [{ measure: 'count', by: 'kota', period: 'month' }, 'cannot-answer'],
  ] as const)('is refused with a reason: %j', async (question, kind) => {
    await expect(answerQuestion(pieces, table, question)).rejects.toMatchObject({ kind });
  });
});
