import { expect, it } from 'vitest';
import { TabularError } from '../../src/contracts/tabular.js';
import { createI18n } from '../../src/i18n/index.js';
import { problemText } from '../../src/tabular/commands/explain-problem.js';
import { GraphBuilder } from '../../src/tabular/onnx/graph.js';
import { checkModel, predictWithBrought, runBroughtModel } from '../../src/tabular/work/run-onnx.js';

const i18n = createI18n({ folder: 'locales' });

function model(build: (graph: GraphBuilder) => void): Uint8Array {
  const graph = new GraphBuilder();
  build(graph);
  return graph.finish({});
}

const doubled = model((graph) => {
  const total = graph.input('total', 'float');
  graph.output(graph.node('Add', [total, total]), 'twice', 'float', ['N', 1]);
});

/** The message of a rejection in each language. */
async function told(work: Promise<unknown>): Promise<readonly string[]> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TabularError)) throw new Error('it was not refused', { cause: error });
  return [problemText(i18n.translator('en'), error), problemText(i18n.translator('id'), error)];
}

it('predicts rows with an imported model', async () => {
  expect((await runBroughtModel(doubled, [{ total: 21 }, { total: '4' }])).predictions).toEqual([42, 8]);
});

it.each([
  ['a file that is no model', Buffer.from('no model'), /not an ONNX model/, /bukan model ONNX/],
  [
    'more inputs than a table has columns',
    model((graph) => {
      const names = Array.from({ length: 201 }, (_, index) => graph.input(`c${index}`, 'float'));
      graph.output(names[0] ?? '', 'first', 'float', ['N', 1]);
    }),
    /it has 201 inputs; it may have 1 to 200/,
    /inputnya 201; yang bisa dipakai 1 sampai 200/,
  ],
  [
    'an output that is not per row',
    model((graph) => {
      graph.input('total', 'float');
      graph.output(graph.floats([1, 2, 3], [3]), 'three', 'float', [3]);
    }),
    /does not have one value for each row/,
    /tidak berisi satu nilai untuk setiap baris/,
  ],
])('refuses %s in the language of the person who imports it', async (_what, bytes, english, indonesian) => {
  const [inEnglish, inIndonesian] = await told(checkModel(bytes));
  expect(inEnglish).toMatch(english);
  expect(inIndonesian).toMatch(indonesian);
});

it('names the column that an imported model is missing', async () => {
  expect(await told(runBroughtModel(doubled, [{ amount: 1 }]))).toEqual([
    'The column “total” is missing; the model needs it.',
    'Kolom “total” tidak ada; model membutuhkannya.',
  ]);
});

const csvOf = async (table: string): Promise<string> =>
  Buffer.from((await predictWithBrought(doubled, Buffer.from(table))).csv).toString();

it('adds the predictions of an imported model to a table as people write it', async () => {
  expect(await csvOf('nama;total;catatan\nAni;1.250,5;"a;b"\nBudi;;-\n')).toBe(
    'nama;total;catatan;prediction\r\nAni;1.250,5;"a;b";2501\r\nBudi;;-;NaN\r\n',
  );
  const rows = Array.from({ length: 12_345 }, (_, row) => String(row));
  const { csv, predictions } = await predictWithBrought(doubled, Buffer.from(`total\n${rows.join('\n')}\n`));
  expect(predictions).toHaveLength(rows.length);
  expect(Buffer.from(csv).toString().trim().split('\r\n').at(-1)).toBe('12344,24688');
});

it.each([
  ['a file without the column', 'amount\n1\n', /column “total” is missing/],
  ['an empty file', '', /no rows/],
  ['a picture', '\u0089PNG....', /picture/],
  ['too many rows', `total\n${'1\n'.repeat(100_001)}`, /more than 100,000 rows/],
  ['too many bytes', `total\n${'1\n'.repeat(11_000_000)}`, /more than 20 MB/],
])('does not predict %s, and says why', async (_what, table, reason) => {
  const [inEnglish] = await told(predictWithBrought(doubled, Buffer.from(table, 'latin1')));
  expect(inEnglish).toMatch(reason);
});
