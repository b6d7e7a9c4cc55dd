import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RawRow } from '../../src/tabular/features/encode-rows.js';
import type { TabularModel } from '../../src/tabular/model/model.js';
import { Predictor } from '../../src/tabular/model/predict.js';
import { exportModel } from '../../src/tabular/onnx/export-model.js';
import { normaliseText } from '../../src/tabular/text/vocabulary.js';
import { cellsOf, ODD_ROW, rowsOf } from './model-inputs.js';
import { ordersCsv, trained } from './sample-tables.js';

/** Runs a model on columns and prints the output, as somebody would in Python. */
const PROGRAM = `
import json, sys
import numpy as np
import onnxruntime as ort
session = ort.InferenceSession(sys.argv[1])
columns = json.load(open(sys.argv[2]))
kinds = {i.name: i.type for i in session.get_inputs()}
feeds = {
    name: np.array(cells, dtype=object if kinds[name] == 'tensor(string)' else np.float32).reshape(-1, 1)
    for name, cells in columns.items()
}
names = [o.name for o in session.get_outputs()]
json.dump({n: np.asarray(v).reshape(-1).tolist() for n, v in zip(names, session.run(names, feeds))}, sys.stdout)
`;

const hasRuntime = spawnSync('python3', ['-c', 'import numpy, onnxruntime']).status === 0;
if (!hasRuntime) process.stdout.write('skipped: there is no Python with onnxruntime to run the artifacts\n');

function inPython(artifact: Uint8Array, columns: Readonly<Record<string, readonly unknown[]>>) {
  const folder = mkdtempSync(join(tmpdir(), 'sapa-python-'));
  try {
    writeFileSync(join(folder, 'model.onnx'), artifact);
    // NaN is not JSON, but Python reads it.
    const cells = JSON.stringify(columns, (_key, value: unknown) => (Number.isNaN(value) ? '@NaN@' : value));
    writeFileSync(join(folder, 'columns.json'), cells.replaceAll('"@NaN@"', 'NaN'));
    const args = ['-c', PROGRAM, join(folder, 'model.onnx'), join(folder, 'columns.json')];
    const { stdout, stderr, status } = spawnSync('python3', args, { encoding: 'utf8', maxBuffer: 1e8 });
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout) as Readonly<Record<string, readonly (string | number)[]>>;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function isSame(
  model: TabularModel,
  rows: readonly RawRow[],
  columns: Readonly<Record<string, readonly unknown[]>>,
) {
  const prediction = new Predictor(model).predictRows(rows);
  const results = inPython(exportModel(model, 'orders'), columns);
  if (model.classes === undefined) {
    const spread = model.scale?.deviation ?? 1;
    const off = prediction.predictions.map(
      (value, row) => Number(value) - Number(results['prediction']?.[row]),
    );
    expect(Math.max(...off.map(Math.abs)) / spread).toBeLessThan(1e-5);
    return;
  }
  expect(results['label']).toEqual(prediction.predictions);
  const off = Array.from(prediction.all ?? [], (value, at) => value - Number(results['probabilities']?.[at]));
  expect(Math.max(...off.map(Math.abs))).toBeLessThan(1e-5);
}

it.skipIf(!hasRuntime).each([
  ['two classes', { target: 'Hasil', features: ['Tanggal', 'Kota', 'Total', 'Anggota', 'Berat'] }],
  ['numbers', { target: 'Skor', features: ['Tanggal', 'Kota', 'Total', 'Anggota', 'Berat'] }],
])('a model of %s predicts the same in Python', { timeout: 120_000 }, async (_what, wish) => {
  const csv = ordersCsv(150);
  const { model } = await trained(csv, wish);
  const rows = [...rowsOf(csv), ...rowsOf(ordersCsv(100, 5)), ODD_ROW];
  isSame(model, rows, cellsOf(model, rows));
});

it.skipIf(!hasRuntime)('a model of texts predicts the same in Python', { timeout: 120_000 }, async () => {
  const texts = ['kapan paket sampai', 'cara transfer bank', 'resi pengiriman saya', 'bayar pakai kartu'];
  const lines = texts.flatMap((text, about) =>
    Array.from(
      { length: 8 },
      (_, index) => `"halo kak ${text} nomor ${index}?",${about % 2 ? 'bayar' : 'kirim'}`,
    ),
  );
  const { model } = await trained(['pesan,intent', ...lines].join('\n'), { target: 'intent', task: 'text' });
  const questions = ['Ongkir ke kota?', 'TRANSFER bank, kak!', '', 'kapan kapan sampai'];
  isSame(
    model,
    questions.map((pesan) => ({ pesan })),
    { pesan: questions.map(normaliseText) },
  );
});
