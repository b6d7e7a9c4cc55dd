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

const FARM = await profileTable(
  [
    Buffer.from(
      [
        'Petak,"Curah Hujan, mm",Irigasi,Pupuk,Status Panen,Rata-rata Nilai,Hasil (ton/ha)',
        'P1,"80,5",ya,none,Tepat waktu,"7,5","5,0"',
        'P2,"90,5",tdk,urea,Terlambat sekali,"6,5","3,0"',
        'P3,"70,5",YA,none,Tepat waktu,"8,5","4,0"',
      ].join('\n'),
    ),
  ],
  { types: { Petak: 'category' } },
);

describe('the columns of a question', () => {
  it.each([
    ['rata-rata hasil menurut irigasi', { measure: 'mean', column: 'Hasil (ton/ha)', by: 'Irigasi' }],
    ['curah hujan terbesar menurut petak', { measure: 'max', column: 'Curah Hujan, mm', by: 'Petak' }],
    ['average hujan by pupuk', { measure: 'mean', column: 'Curah Hujan, mm', by: 'Pupuk' }],
    // Nobody adds up averages.
    ['rata-rata nilai menurut pupuk', { measure: 'mean', column: 'Rata-rata Nilai', by: 'Pupuk' }],
    [
      'count where status panen is tepat waktu by pupuk',
      { measure: 'count', by: 'Pupuk', where: [{ column: 'Status Panen', is: 'tepat waktu' }] },
    ],
    [
      'berapa banyak yang irigasi=ya dan pupuk=none',
      {
        measure: 'count',
        where: [
          { column: 'Irigasi', is: 'ya' },
          { column: 'Pupuk', is: 'none' },
        ],
      },
    ],
  ])('are recognised by a part of their names: %s', (words, question) => {
    expect(readQuestion(words, FARM.columns)).toEqual(question);
  });

  it('are compared by what their cells mean', async () => {
    const csv = [
      'n,paid,price,insurance',
      ...Array.from(
        { length: 6 },
        (_, row) => `${row},${row % 2 ? 'TRUE' : 'FALSE'},Rp 350.000,${row ? 'full' : 'none'}`,
      ),
    ];
    const pieces = [Buffer.from(csv.join('\n'))];
    const columns = await profileTable(pieces);
    const rowsOf = async (is: Readonly<Record<string, string>>) => {
      const where = Object.entries(is).map(([column, value]) => ({ column, is: value }));
      return (await answerQuestion(pieces, columns, { measure: 'count', where })).rows;
    };
    expect(await rowsOf({ paid: 'yes' })).toBe(3);
    expect(await rowsOf({ price: '350000', paid: 'tidak' })).toBe(3);
    expect(await rowsOf({ insurance: 'None' })).toBe(1);
    const mixed = [
      Buffer.from(
        `plan,n\n${['Basic', 'basic ', 'Plus', 'BASIC', 'Plus'].map((plan) => `${plan},1`).join('\n')}`,
      ),
    ];
    const { lines } = await answerQuestion(mixed, await profileTable(mixed), {
      measure: 'count',
      by: 'plan',
    });
    expect(lines.map(({ group, value }) => [group, value])).toEqual([
      ['Basic', 3],
      ['Plus', 2],
    ]);
  });
});
