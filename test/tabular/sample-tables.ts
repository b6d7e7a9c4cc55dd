import {
  chooseColumns,
  type ChosenColumns,
  type TrainingChoices,
} from '../../src/tabular/features/choose-columns.js';
import { readTrainingTable, type TrainingTable } from '../../src/tabular/features/read-training-table.js';
import { profileTable } from '../../src/tabular/read/profile-table.js';
import { trainModel, type TrainedResult } from '../../src/tabular/train/train-model.js';
import { seededRandom } from '../../src/tabular/evaluate/random.js';

const CITIES = ['Jakarta', 'Bandung', 'Solo', 'Yogya', 'Medan', 'Denpasar'];

/**
 * Orders of a shop as an Indonesian spreadsheet writes them; expensive ones to far cities, cheap ones to near
 * cities and those of Sundays tend to be returned.
 */
export function ordersCsv(rows: number, seed = 1): string {
  const random = seededRandom(seed);
  const lines = Array.from({ length: rows }, (_, index) => {
    const city = Math.floor(random() * CITIES.length);
    const price = Math.round(random() * 900_000) + 50_000;
    const member = random() < 0.1 ? '' : random() < 0.5 ? 'ya' : 'tidak';
    const day = new Date(Date.UTC(2024, 0, 1 + Math.floor(random() * 300)));
    const weight = random() < 0.1 ? '' : (random() * 5).toFixed(1).replace('.', ',');
    // An interaction of two columns, so that trees find more than a linear model does.
    const far = city > 3 === price > 450_000 ? 2 : 0;
    const risk = far - (member === 'ya' ? 0.6 : 0) + (day.getUTCDay() === 0 ? 0.8 : 0) + random() * 0.8;
    const date = `${String(day.getUTCDate()).padStart(2, '0')}/${String(day.getUTCMonth() + 1).padStart(2, '0')}/${day.getUTCFullYear()}`;
    const total = `Rp ${String(price).replace(/\B(?=(\d{3})+$)/g, '.')}`;
    return [
      `ORD-${1000 + index}`,
      date,
      CITIES[city],
      total,
      member,
      weight,
      risk > 1.2 ? 'kembali' : 'tetap',
      (risk * 100).toFixed(2).replace('.', ','),
    ].join(';');
  });
  return ['Kode Order;Tanggal;Kota;Total;Anggota;Berat;Hasil;Skor', ...lines].join('\r\n');
}

async function read(
  csv: string,
  wish: TrainingChoices,
): Promise<{ readonly table: TrainingTable; readonly selection: ChosenColumns }> {
  const pieces = [Buffer.from(csv)];
  const profile = await profileTable(pieces);
  const selection = chooseColumns(profile.columns, profile.rows, wish);
  return { table: await readTrainingTable(pieces, profile, selection), selection };
}

/** What a model would learn from. */
export async function trainingTable(csv: string, wish: TrainingChoices): Promise<TrainingTable> {
  return (await read(csv, wish)).table;
}

export async function trained(csv: string, wish: TrainingChoices, threads?: number): Promise<TrainedResult> {
  const { table, selection } = await read(csv, wish);
  const options = {
    ...(wish.seed === undefined ? {} : { seed: wish.seed }),
    ...(threads === undefined ? {} : { threads }),
  };
  return trainModel(table, selection, options, () => undefined);
}
