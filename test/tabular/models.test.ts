import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { datePart } from '../../src/tabular/features/date-parts.js';
import { explainRow } from '../../src/tabular/explain/contributions.js';
import { Predictor } from '../../src/tabular/model/predict.js';
import { exportModel } from '../../src/tabular/onnx/export-model.js';
import { bestClass, macroF1 } from '../../src/tabular/evaluate/metrics.js';
import { seededRandom } from '../../src/tabular/evaluate/random.js';
import { normaliseText } from '../../src/tabular/text/vocabulary.js';
import { feedsOf, ODD_ROW, rowsOf } from './model-inputs.js';
import { ordersCsv, trained, trainingTable } from './sample-tables.js';

describe('a trained model', { timeout: 300_000 }, () => {
  const csv = ordersCsv(150);

  it.each([
    ['two classes', { target: 'Hasil', features: ['Tanggal', 'Kota', 'Total', 'Anggota', 'Berat'] }],
    ['numbers', { target: 'Skor', features: ['Tanggal', 'Kota', 'Total', 'Anggota', 'Berat'] }],
    ['many classes', { target: 'Kota' }],
  ])('of %s predicts the same as its exported artifact, even for odd rows', async (_what, wish) => {
    const { model } = await trained(csv, wish);
    if (wish.target !== 'Kota') expect(model.predictor.type).toBe('trees');
    const rows = [...rowsOf(csv), ...rowsOf(ordersCsv(100, 5)), ODD_ROW];
    const predictor = new Predictor(model);
    const prediction = predictor.predictRows(rows);
    // The odd row, which is last, may lack a column; on its own that would be an error.
    const oneByOne = rows.slice(0, -1).flatMap((row) => predictor.predictRows([row]).predictions);
    expect(oneByOne).toEqual(prediction.predictions.slice(0, -1));
    const session = await InferenceSession.create(exportModel(model, 'orders'));
    const results = await session.run(feedsOf(model, rows));
    if (model.classes === undefined) {
      const values = results['prediction']?.data as Float32Array;
      const spread = model.scale?.deviation ?? 1;
      prediction.predictions.forEach((value, row) => {
        expect(Math.abs(Number(value) - (values[row] ?? Number.NaN)) / spread).toBeLessThan(1e-5);
      });
      return;
    }
    expect(results['label']?.data).toEqual(prediction.predictions);
    const probabilities = results['probabilities']?.data as Float32Array;
    prediction.all?.forEach((value, at) => {
      expect(Math.abs(value - (probabilities[at] ?? Number.NaN))).toBeLessThan(1e-5);
    });
  });

  it.each([
    ['two classes', { target: 'Hasil', seed: 7 }],
    ['numbers', { target: 'Skor', seed: 7 }],
    ['texts', { target: 'Hasil', features: ['Kota', 'Anggota', 'Total'], task: 'text', seed: 7 }],
  ] as const)(
    'of %s is the same on one thread and on several, and so are its metrics',
    async (_what, wish) => {
      const csv = ordersCsv(300);
      const [alone, shared] = [await trained(csv, wish, 1), await trained(csv, wish, 3)];
      expect(exportModel(shared.model, 'x').equals(exportModel(alone.model, 'x'))).toBe(true);
      const { model: _model, ...facts } = shared;
      expect(facts).toEqual({ ...alone, model: undefined });
    },
  );

  it('is reproducible from its seed, and far better than guessing', async () => {
    const wish = { target: 'Hasil', features: ['Kota', 'Total', 'Anggota'], seed: 7 };
    // Later rows are predicted from earlier ones; with fewer rows the figures would be too pessimistic.
    const enough = ordersCsv(700);
    const [first, second] = [await trained(enough, wish), await trained(enough, wish)];
    expect(exportModel(second.model, 'x').equals(exportModel(first.model, 'x'))).toBe(true);
    const { figures } = first;
    if (figures.type !== 'classes') throw new Error('it has no classes');
    expect(figures.metrics.accuracy).toBeGreaterThan(figures.baseline.accuracy + 0.1);
    const [low, high] = figures.metrics.accuracyInterval;
    const fresh = rowsOf(ordersCsv(900, 99));
    const predictions = new Predictor(first.model).predictRows(fresh).predictions;
    const right = predictions.filter((value, row) => value === fresh[row]?.['Hasil']).length / fresh.length;
    expect(right).toBeGreaterThan(low);
    expect(right).toBeLessThan(high);
  });

  it('tells "none" from a missing value, in its artifact too, and is tested by the later of two dates', async () => {
    const random = seededRandom(5);
    const day = (days: number): string => new Date(Date.UTC(2024, 0, 1 + days)).toISOString().slice(0, 10);
    const lines = Array.from({ length: 300 }, (_, row) => {
      const cover = ['none', 'full', ''][row % 3] ?? '';
      const isShown = random() < (cover === 'none' ? 0.1 : 0.9);
      return [day(row), day(row + Math.floor(random() * 9)), cover, isShown ? 'kosong' : 'penuh'].join(',');
    });
    const { model, split } = await trained(['booked,visit,cover,seats', ...lines].join('\n'), {
      target: 'seats',
    });
    expect([split, model.classes]).toEqual(['time', ['kosong', 'penuh']]);
    const rows = ['none', 'None', 'full', '', 'n/a'].map((cover) => ({
      booked: day(3),
      visit: day(9),
      cover,
    }));
    const { predictions } = new Predictor(model).predictRows(rows);
    expect(predictions).toEqual(['penuh', 'kosong', 'kosong', 'kosong', 'kosong']);
    const session = await InferenceSession.create(exportModel(model, 'seats'));
    expect((await session.run(feedsOf(model, rows)))['label']?.data).toEqual(predictions);
  });

  it('predicts a rare class below 50 %, and its artifact agrees', async () => {
    const random = seededRandom(3);
    const rows = Array.from({ length: 1500 }, () => {
      const risk = random();
      return {
        a: Number(risk.toFixed(3)),
        b: Number(random().toFixed(3)),
        late: random() < risk ** 6 * 0.6 ? 'yes' : 'no',
      };
    });
    const lines = rows.map(({ a, b, late }) => `${a},${b},${late}`);
    const { model, figures } = await trained(['a,b,late', ...lines].join('\n'), { target: 'late' });
    if (figures.type !== 'classes' || figures.rare === undefined) throw new Error('no class is rare');
    const { rare, metrics } = figures;
    expect(rare.share).toBeLessThan(0.15);
    expect(rare.threshold).toBeLessThan(0.5);
    const [, predictedCount] = metrics.confusion.map((counts) => counts[1] ?? 0);
    expect(rare.recall).toBeCloseTo((predictedCount ?? 0) / (rare.share * 1500), 5);
    const { predictions } = new Predictor(model).predictRows(rows);
    expect(predictions.filter((value) => value === 'yes').length).toBeGreaterThan(0);
    const session = await InferenceSession.create(exportModel(model, 'late'));
    expect((await session.run(feedsOf(model, rows)))['label']?.data).toEqual(predictions);
  });

  it('finds rare classes among several, and its artifact agrees', async () => {
    const random = seededRandom(4);
    const rows = Array.from({ length: 2400 }, () => {
      const [a, b, chance] = [random(), random(), random()];
      const kind = chance < a ** 6 * 0.55 ? 'hat' : chance > 1 - b ** 6 * 0.55 ? 'scarf' : 'shirt';
      return { a: Number(a.toFixed(3)), b: Number(b.toFixed(3)), kind };
    });
    const lines = rows.map(({ a, b, kind }) => `${a},${b},${kind}`);
    const { model, figures } = await trained(['a,b,kind', ...lines].join('\n'), { target: 'kind' });
    if (figures.type !== 'classes') throw new Error('it has no classes');
    expect(model.sayWeights).toEqual(figures.weights);
    const [hat = 0, scarf = 0, shirt = 0] = figures.weights ?? [];
    expect([hat > shirt, scarf > shirt]).toEqual([true, true]);
    const { predictions, all = new Float64Array(0) } = new Predictor(model).predictRows(rows);
    const f1 = (predict: (row: number) => string): number =>
      macroF1(
        (model.classes ?? []).map((is) =>
          (model.classes ?? []).map(
            (as) => rows.filter(({ kind }, row) => kind === is && predict(row) === as).length,
          ),
        ),
      );
    const likeliest = (row: number): string => model.classes?.[bestClass(all, row, 3)] ?? '';
    expect(f1((row) => String(predictions[row]))).toBeGreaterThan(f1(likeliest));
    const session = await InferenceSession.create(exportModel(model, 'kinds'));
    expect((await session.run(feedsOf(model, rows)))['label']?.data).toEqual(predictions);
  });

  it('of many small tables scores within its promised interval on unseen rows', async () => {
    const names = ['Kota', 'Total', 'Anggota', 'Berat'];
    const within: boolean[] = [];
    for (let seed = 1; seed <= 6; seed += 1) {
      for (const target of ['Hasil', 'Skor']) {
        const [header = '', ...lines] = ordersCsv(500, seed).split('\r\n');
        // Without the date, because with it later rows would be predicted from earlier ones.
        const part = (isTest: boolean): string =>
          [header, ...lines.filter((_, row) => (row % 5 === 0) === isTest)]
            .map((line) => line.split(';').toSpliced(1, 1).join(';'))
            .join('\r\n');
        const { model, figures } = await trained(part(false), { target, features: names });
        const test = rowsOf(part(true));
        const predictions = new Predictor(model).predictRows(test).predictions;
        const isRight = (row: number): boolean => test[row]?.[target] === predictions[row];
        const offBy = (row: number): number =>
          Number(predictions[row]) - Number(String(test[row]?.[target]).replace(',', '.'));
        const all = predictions.map((_, row) => row);
        const [low, high] =
          figures.type === 'classes' ? figures.metrics.accuracyInterval : figures.metrics.rmseInterval;
        const figure =
          figures.type === 'classes'
            ? all.filter(isRight).length / all.length
            : Math.sqrt(all.reduce((sum, row) => sum + offBy(row) ** 2, 0) / all.length);
        within.push(figure >= low && figure <= high);
      }
    }
    expect(within.filter((each) => !each).length).toBeLessThanOrEqual(1);
  });

  it('names columns that leak the target, leaves keys out, and splits by time', async () => {
    const { leaks, leftOut, split, importance } = await trained(ordersCsv(400), { target: 'Hasil' });
    expect(leaks.map(({ column }) => column)).toEqual(['Skor']);
    expect(leftOut).toEqual([{ column: 'Kode Order', reason: 'id' }]);
    expect([split, importance[0]?.column]).toEqual(['time', 'Skor']);
  });

  it('explains itself: its reasons and the mean add up to the score', async () => {
    const { model } = await trained(csv, { target: 'Skor', features: ['Kota', 'Total', 'Anggota', 'Berat'] });
    expect(model.predictor.type).toBe('trees');
    const rows = rowsOf(csv).slice(0, 30);
    const reasons = rows.map((row) => explainRow(model, row, 0).reduce((sum, { value }) => sum + value, 0));
    const { mean = 0, deviation = 1 } = model.scale ?? {};
    const scores = new Predictor(model)
      .predictRows(rows)
      .predictions.map((value) => (Number(value) - mean) / deviation);
    const rest = scores.map((score, index) => score - (reasons[index] ?? 0));
    expect(Math.max(...rest) - Math.min(...rest)).toBeLessThan(1e-3);
  });

  it('of texts learns their topics', async () => {
    const about = {
      kirim: ['kapan paket sampai', 'resi pengiriman saya', 'ongkir ke kota'],
      bayar: ['cara transfer bank', 'bayar pakai kartu', 'invoice belum lunas'],
    };
    const lines = Object.entries(about).flatMap(([intent, texts]) =>
      texts.flatMap((text) =>
        Array.from({ length: 8 }, (_, index) => `"halo kak ${text} nomor ${index}?",${intent}`),
      ),
    );
    const { model, figures } = await trained(['pesan,intent', ...lines].join('\n'), {
      target: 'intent',
      task: 'text',
    });
    expect(figures.type === 'classes' && figures.metrics.accuracy).toBeGreaterThan(0.9);
    expect(
      new Predictor(model).predictRows([{ pesan: 'Ongkir?' }, { pesan: 'TRANSFER bank' }]).predictions,
    ).toEqual(['kirim', 'bayar']);
  });

  it('of texts says how familiar a text is, also one that it has to take for something', async () => {
    const about = {
      kirim: ['kapan paket', 'resi pengiriman', 'ongkir', 'kurir belum datang dari', 'alamat pengiriman'],
      bayar: ['cara transfer', 'bayar pakai kartu', 'invoice belum lunas dari', 'uang muka', 'cicilan bank'],
    };
    const places = ['Bandung', 'Medan', 'Surabaya', 'Bali', 'Solo', 'Malang', 'Bogor', 'Padang'];
    const lines = Object.entries(about).flatMap(([intent, texts]) =>
      texts.flatMap((text) => places.map((place) => `"${text} ${place}?",${intent}`)),
    );
    const wish = { target: 'intent', task: 'text', features: ['pesan'] } as const;
    const { model } = await trained(['pesan,intent', ...lines].join('\n'), wish);
    const familiarity = (text: string): number => new Predictor(model).takenFor(text)?.familiarity ?? 0;
    expect(familiarity('ongkir Solo')).toBeGreaterThan(0.1);
    expect(familiarity('what is the capital of mongolia, and who is its president?')).toBeLessThan(0.04);
  });

  it('of texts understands unseen words, and its artifact agrees on raw columns', async () => {
    const about = {
      kirim: ['kapan paket sampai', 'resi pengiriman saya', 'ongkir ke kota', 'kurir belum datang'],
      bayar: ['cara transfer bank', 'bayar pakai kartu', 'invoice belum lunas', 'uang muka berapa'],
    };
    const lines = Object.entries(about).flatMap(([intent, texts]) =>
      texts.flatMap((text) => Array.from({ length: 4 }, () => `"${text}",${intent}`)),
    );
    const wish = { target: 'intent', task: 'text', features: ['pesan'] } as const;
    const { model } = await trained(['pesan,intent', ...lines].join('\n'), wish);
    const unseen = ['my parcel has not been delivered', 'can I pay with a debit account?'];
    const texts = [...unseen, '', '😀', 'xqzt', 'ONGKIR ke Bandung, kak?', 'cara cara transfer'];
    const predictor = new Predictor(model);
    const { predictions, all } = predictor.predictRows(texts.map((pesan) => ({ pesan })));
    expect(predictions.slice(0, 2)).toEqual(['kirim', 'bayar']);
    expect(texts.map((text) => predictor.takenFor(text) === undefined)).toEqual(
      texts.map((text) => ['', '😀', 'xqzt'].includes(text)),
    );
    const [first, ...others] = explainRow(model, { pesan: unseen[0] ?? '' }, 1);
    expect(['parcel', 'delivered']).toContain(first?.column);
    expect(others.length).toBeGreaterThan(1);
    const session = await InferenceSession.create(exportModel(model, 'desk'));
    for (const asked of [texts, ['']]) {
      const pesan = new Tensor('string', asked.map(normaliseText), [asked.length, 1]);
      const results = await session.run({ pesan });
      expect(results['label']?.data).toEqual(
        predictions.filter((_, row) => asked.includes(texts[row] ?? '-')),
      );
      const probabilities = results['probabilities']?.data as Float32Array;
      asked.forEach((text, row) => {
        const expected = all?.[texts.indexOf(text) * 2] ?? Number.NaN;
        expect(Math.abs(expected - (probabilities[row * 2] ?? Number.NaN))).toBeLessThan(1e-5);
      });
    }
  });
});

it('every row without a target is counted, even in a table too large to train on as a whole', async () => {
  const lines = Array.from({ length: 120_000 }, (_, row) =>
    row % 3 === 0 ? `note ${row % 7} of it,` : `note ${row % 7} of it,${row % 2 === 0 ? 'good' : 'bad'}`,
  );
  const table = await trainingTable(['note,grade', ...lines].join('\n'), {
    target: 'grade',
    features: ['note'],
    task: 'text',
  });
  expect([table.rowsInTable, table.withoutTarget, table.target.length]).toEqual([120_000, 40_000, 40_000]);
});

it('date parts are correct on leap days and before 1970', () => {
  for (const iso of ['2024-02-29', '2000-03-01', '1900-02-28', '1969-12-31', '2023-10-08']) {
    const date = new Date(`${iso}T00:00:00Z`);
    const days = date.getTime() / 86_400_000;
    expect([iso, datePart('day of month', days), datePart('month', days), datePart('weekday', days)]).toEqual(
      [iso, date.getUTCDate(), date.getUTCMonth() + 1, date.getUTCDay()],
    );
  }
});
