import { Tensor } from 'onnxruntime-node';
import { cellValue } from '../../src/tabular/features/column-plan.js';
import type { RawRow } from '../../src/tabular/features/encode-rows.js';
import type { TabularModel } from '../../src/tabular/model/model.js';
import { inputNames } from '../../src/tabular/onnx/encode-inputs.js';

export const ODD_ROW = { Tanggal: '', Kota: 'Antah Berantah', Total: '', Anggota: '?', Berat: '', Skor: '' };

export function rowsOf(csv: string): RawRow[] {
  const [header = '', ...lines] = csv.split('\r\n');
  const names = header.split(';');
  return lines.map((line) => {
    const cells = line.split(';').map((cell, index) => [names[index] ?? '', cell] as const);
    return Object.fromEntries<string>(cells);
  });
}

/** Rows as the artifact's metadata requires them: by input, as texts or numbers. */
export function cellsOf(
  { plans }: TabularModel,
  rows: readonly RawRow[],
): Record<string, (string | number)[]> {
  const names = inputNames(plans.map(({ column }) => column));
  return Object.fromEntries(
    plans.map((plan, index) => {
      const cells = rows.map((row) => row[plan.column]);
      const isText = plan.type === 'category' || plan.type === 'boolean';
      const values = cells.map((cell) => (isText ? String(cell ?? '') : Math.fround(cellValue(plan, cell))));
      return [names[index] ?? '', values];
    }),
  );
}

/** The same rows as tensors for the runtime. */
export function feedsOf(model: TabularModel, rows: readonly RawRow[]): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(cellsOf(model, rows)).map(([name, cells]) => {
      const dims = [rows.length, 1];
      const tensor = cells.every((cell) => typeof cell === 'number')
        ? new Tensor('float32', Float32Array.from(cells), dims)
        : new Tensor('string', cells.map(String), dims);
      return [name, tensor];
    }),
  );
}
