import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ordersCsv } from '../tabular/sample-tables.js';
import { pause, waitUntil } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type Answer, type SapaClient } from './support/http-client.js';
import { removeDataDir, startSapa, type RunningSapa } from './support/start-sapa.js';

bePatient();

const SMALL = ordersCsv(300);
/**
 * The number of moments during a training at which the power fails, evenly spread; `CRASHES=10` takes
 * minutes.
 */
const { CRASHES: crashCount } = process.env;
const CRASHES = Number(crashCount ?? 1);
/** Enough for a training on a busy machine, in ms. */
const PATIENCE_MS = 90_000;

function form(csv: string | Uint8Array, fields: Readonly<Record<string, string>> = {}): FormData {
  const body = new FormData();
  const content = typeof csv === 'string' ? csv : new Uint8Array(csv);
  body.append('file', new Blob([content], { type: 'text/csv' }), 'orders.csv');
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return body;
}

async function business(sapa: RunningSapa, tenantId: string): Promise<SapaClient> {
  const client = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId });
  const created = await client.call('PUT', `/v1/tenants/${tenantId}/settings`, { json: { name: tenantId } });
  expect(created.status).toBeLessThan(300);
  return client;
}

/** A row with all columns of the orders; columns not given are missing values. */
function rowOf(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { Tanggal: null, Kota: null, Total: null, Anggota: null, Berat: null, Skor: null, ...values };
}

const train = (shop: SapaClient, csv: string, fields: Readonly<Record<string, string>>): Promise<Answer> =>
  shop.call('POST', '/train/xgboost?wait=true', { body: form(csv, fields) });

describe('a model from a CSV', () => {
  let sapa: RunningSapa;
  let shop: SapaClient;
  let other: SapaClient;
  let trained: Answer;
  beforeAll(async () => {
    sapa = await startSapa({ env: { SEED_DEMO: 'false' } });
    shop = await business(sapa, 'bikes');
    other = await business(sapa, 'books');
    trained = await train(shop, SMALL, { target: 'Hasil', name: 'retur' });
  });
  afterAll(async () => {
    await sapa.stop();
    await removeDataDir(sapa.dataDir);
  });

  const modelId = (): string => String(trained.body['model_id']);

  it('is trained, and reports its quality next to guessing', async () => {
    expect(trained.status).toBe(200);
    expect(trained.body).toMatchObject({
      status: 'done',
      progress: 1,
      metrics: {
        task: 'classification',
        rows: expect.any(Number) as number,
        baseline: { accuracy: expect.any(Number) as number },
      },
    });
    expect(trained.body['accuracy']).toBeGreaterThan(0.7);
    const logs = await shop.call('GET', '/v1/training-logs');
    expect(logs.body['items']).toMatchObject([
      {
        workspace_id: 'bikes',
        model: 'retur',
        metric: 'accuracy',
        filename: 'orders.csv',
        model_id: modelId(),
      },
    ]);
  });

  it('predicts a file and rows, and names a missing column', async () => {
    const file = await shop.call('POST', '/predict', { body: form(SMALL, { model_id: modelId() }) });
    const lines = file.text.trimEnd().split('\r\n');
    expect([file.status, lines.length, lines[0]]).toEqual([
      200,
      301,
      `${SMALL.split('\r\n')[0] ?? ''};prediction;probability`,
    ]);
    const row = {
      Tanggal: '03/02/2024',
      Kota: 'Mars',
      Total: 'Rp 800.000',
      Anggota: null,
      Berat: 1.5,
      Skor: '120,5',
    };
    const prediction = await shop.call('POST', '/v1/predict', { json: { rows: [row], explain: true } });
    expect(prediction.body).toMatchObject({
      model_id: modelId(),
      predictions: [expect.stringMatching(/kembali|tetap/)],
    });
    const missing = await shop.call('POST', '/v1/predict', { json: { rows: [{ Kota: 'Solo' }] } });
    expect([missing.status, missing.body['code']]).toEqual([422, 'missing_column']);
  });

  it('is an ONNX file that runs on the raw columns and can be imported again', async () => {
    const response = await fetch(`${sapa.url}/v1/models/${modelId()}/artifact`, {
      headers: { 'X-API-Key': sapa.adminKey, 'X-Tenant-Id': 'bikes' },
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const session = await InferenceSession.create(bytes);
    expect([...session.inputNames].sort()).toEqual(['Anggota', 'Berat', 'Kota', 'Skor', 'Tanggal', 'Total']);
    const text = (value: string): Tensor => new Tensor('string', [value], [1, 1]);
    const number = (value: number): Tensor => new Tensor('float32', [value], [1, 1]);
    const results = await session.run({
      Anggota: text('ya'),
      Berat: number(Number.NaN),
      Kota: text('Solo'),
      Skor: number(300),
      Tanggal: number(19_800),
      Total: number(1e6),
    });
    expect(results['label']?.data[0]).toBe('kembali');
    const brought = await shop.call('POST', '/v1/models', { body: form(bytes, { name: 'sendiri' }) });
    expect([brought.status, brought.body['source']]).toEqual([201, 'brought']);
    const refused = await shop.call('POST', '/v1/models', { body: form('no model', { name: 'x' }) });
    expect([refused.status, refused.body['code']]).toEqual([422, 'invalid_model']);
    await shop.call('DELETE', `/v1/models/${String(brought.body['id'])}`);
  });

  it('has charts as PNG pictures', async () => {
    for (const picture of ['importance.png', 'confusion.png', 'calibration.png']) {
      const answer = await shop.call('GET', `/v1/models/${modelId()}/${picture}`);
      expect([picture, answer.status, answer.headers.get('content-type')]).toEqual([
        picture,
        200,
        'image/png',
      ]);
    }
  });

  it('scores every contact, now and on a schedule, until that is ended', async () => {
    const save = async (json: unknown): Promise<string> =>
      String((await shop.call('POST', '/v1/contacts', { json })).body['id']);
    const fieldsOf = async (id: string): Promise<unknown> =>
      (await shop.call('GET', `/v1/contacts/${id}`)).body['fields'];
    const score = (json: unknown): Promise<Answer> =>
      shop.call('POST', `/v1/models/${modelId()}/score`, { json });
    const features = { Kota: 'Solo', Total: 900_000, Anggota: true, Skor: '250,5', 'Kode Order': 'ORD-1' };
    const full = await save({ phone: '+6281234567001', fields: features });
    const bare = await save({ phone: '+6281234567002', tags: ['baru'] });
    const { body } = await shop.call('POST', '/v1/predict', { json: { rows: [rowOf(features), rowOf({})] } });
    const [sure, unsure] = body['predictions'] as readonly string[];
    expect(sure).toBe('kembali');

    for (const [json, status, path] of [
      [{ field: 'a.b' }, 400, 'field'],
      [{ field: 'retur', schedule: '* * * * * *' }, 400, 'schedule'],
      [{ field: 'Skor' }, 422, 'Skor'],
    ] as const) {
      const refused = await score(json);
      expect([refused.status, refused.body['errors']]).toMatchObject([status, [{ path }]]);
    }
    const begun = await score({ field: 'retur' });
    expect([begun.status, begun.body]).toEqual([
      202,
      { model_id: modelId(), field: 'retur', next_run_at: null },
    ]);
    await waitUntil(async () => {
      const [one, two] = [await fieldsOf(full), await fieldsOf(bare)];
      return [one, two].every((fields) => JSON.stringify(fields).includes('retur'));
    }, PATIENCE_MS);
    expect([await fieldsOf(full), await fieldsOf(bare)]).toEqual([
      { ...features, retur: sure },
      { retur: unsure },
    ]);

    const often = await score({ field: 'sering', schedule: '* * * * *' });
    expect(Date.parse(String(often.body['next_run_at']))).toBeGreaterThan(0);
    await waitUntil(async () => JSON.stringify(await fieldsOf(bare)).includes('sering'), PATIENCE_MS);
    const late = await save({ phone: '+6281234567003', fields: features });
    await waitUntil(async () => JSON.stringify(await fieldsOf(late)).includes('sering'), PATIENCE_MS);
    const ended = await score({ field: 'sering', schedule: null });
    expect([ended.status, ended.body['next_run_at']]).toEqual([202, null]);
  });

  it('tags people once when their score crosses the threshold, and stores the probability', async () => {
    const save = async (json: unknown): Promise<string> =>
      String((await shop.call('POST', '/v1/contacts', { json })).body['id']);
    const risky = { Kota: 'Solo', Total: 900_000, Anggota: false, Skor: '290,5' };
    const risk = await save({ phone: '+6281234567011', tags: ['lama'], fields: risky });
    const safe = await save({ phone: '+6281234567012', fields: { ...risky, Skor: '10,5' } });
    const scoring = {
      field: 'risiko',
      of: 'kembali',
      rule: { at_least: 0.5, tag: 'berisiko', sequence: 'tidak-ada' },
    };
    const score = (json: unknown) => shop.call('POST', `/v1/models/${modelId()}/score`, { json });
    expect((await score({ ...scoring, of: 'Mars' })).status).toBe(422);
    expect((await score(scoring)).status).toBe(202);
    const contact = async (id: string) => (await shop.call('GET', `/v1/contacts/${id}`)).body;
    const isScored = async (id: string) => JSON.stringify((await contact(id))['fields']).includes('risiko');
    await waitUntil(async () => (await isScored(risk)) && (await isScored(safe)), PATIENCE_MS);
    const [one, other] = [await contact(risk), await contact(safe)];
    expect([one['tags'], other['tags']]).toEqual([['lama', 'berisiko'], []]);
    const { risiko } = one['fields'] as { readonly risiko: number };
    expect(risiko).toBeGreaterThan(0.5);
    expect(risiko).toBeLessThanOrEqual(1);
    // A tag that a person removed stays removed, because the condition has not newly become true.
    await shop.call('PATCH', `/v1/contacts/${risk}`, { json: { tags: [] } });
    await score({ ...scoring, field: 'risiko' });
    await score({ field: 'sesudah' });
    await waitUntil(
      async () => JSON.stringify((await contact(safe))['fields']).includes('sesudah'),
      PATIENCE_MS,
    );
    expect((await contact(risk))['tags']).toEqual([]);
  });

  it('warns of rows that no longer resemble its training data, and reports how right it was', async () => {
    const predict = (csv: string) =>
      shop.call('POST', '/v1/predict', {
        body: form(csv, { model_id: modelId() }),
        headers: { Accept: 'application/json' },
      });
    const same = await predict(ordersCsv(300, 7));
    expect(same.body).toMatchObject({
      drift: { rows: 300, columns: [] },
      outcome: { type: 'classes', rows: 300 },
    });
    const dear = ordersCsv(300, 7).replaceAll('Rp ', 'Rp 9');
    const other = await predict(dear);
    expect(other.body['drift']).toMatchObject({ columns: [{ column: 'Total' }] });
  });

  it('is retrained on a newer table, and replaced only by a better version', async () => {
    const again = () => shop.call('POST', `/v1/models/${modelId()}/retrain`, { json: {} });
    const versions = async () =>
      (await shop.call('GET', '/v1/models')).body['items'] as readonly {
        version: number;
        active: boolean;
        metrics: { accuracy: number };
      }[];
    await shop.call('POST', '/v1/datasets', { body: form(ordersCsv(400, 3), { name: 'orders' }) });
    expect((await again()).status).toBe(202);
    await waitUntil(async () => (await versions()).length === 2, PATIENCE_MS);
    const [fresh, first] = await versions();
    const isBetter = (fresh?.metrics.accuracy ?? 0) > (first?.metrics.accuracy ?? 0);
    expect([fresh?.version, fresh?.active, first?.active]).toEqual([2, isBetter, !isBetter]);
    const planned = await shop.call('POST', `/v1/models/${modelId()}/retrain`, {
      json: { schedule: '0 3 * * 1' },
    });
    expect(Date.parse(String(planned.body['next_run_at']))).toBeGreaterThan(0);
    await shop.call('POST', `/v1/models/${modelId()}/retrain`, { json: { schedule: null } });
  });

  it('belongs to its business alone: every route answers others as if it did not exist', async () => {
    const datasets = await shop.call('GET', '/v1/datasets');
    const [dataset] = datasets.body['items'] as readonly { dataset_id: string }[];
    const id = modelId();
    const calls: readonly (readonly [string, string, unknown?])[] = [
      ['GET', `/v1/datasets/${dataset?.dataset_id ?? ''}`],
      ['DELETE', `/v1/datasets/${dataset?.dataset_id ?? ''}`],
      ['GET', `/v1/training/${String(trained.body['training_id'])}`],
      ['DELETE', `/v1/training/${String(trained.body['training_id'])}`],
      ['GET', `/v1/models/${id}`],
      ['DELETE', `/v1/models/${id}`],
      ['POST', `/v1/models/${id}/activate`],
      ['POST', `/v1/models/${id}/score`, { field: 'retur' }],
      ['POST', `/v1/models/${id}/retrain`, {}],
      ['PATCH', `/v1/datasets/${dataset?.dataset_id ?? ''}`, { decimal: '.' }],
      ['GET', `/v1/datasets/${dataset?.dataset_id ?? ''}/profile.png`],
      ['GET', `/v1/models/${id}/artifact`],
      ['GET', `/v1/models/${id}/importance.png`],
      ['GET', `/v1/models/${id}/confusion.png`],
      ['GET', `/v1/models/${id}/calibration.png`],
      ['POST', '/v1/predict', { model_id: id, rows: [{}] }],
      ['POST', '/v1/predict', { model_id: 'retur', rows: [{}] }],
      ['POST', '/v1/train', { dataset_id: dataset?.dataset_id, target: 'Hasil' }],
    ];
    for (const [method, path, json] of calls) {
      const answer = await other.call(method, path, json === undefined ? {} : { json });
      expect([method, path, answer.status]).toEqual([method, path, 404]);
    }
    for (const list of ['datasets', 'models', 'training-logs']) {
      expect((await other.call('GET', `/v1/${list}`)).body['items']).toEqual([]);
    }
  });

  it('is also served by the routes of the earlier backend', async () => {
    const listed = await shop.call('GET', '/datasets/');
    expect([listed.status, (listed.body['items'] as unknown[]).length]).toEqual([200, 2]);
    for (const path of ['/train', '/train/xgboost', '/api/train/xgboost']) {
      const begun = await shop.call('POST', path, { body: form(SMALL, { target: 'Hasil' }) });
      expect([path, begun.status]).toEqual([path, 202]);
      const stopped = await shop.call('DELETE', `/training/${String(begun.body['training_id'])}`);
      expect(['failed', 'done']).toContain(stopped.body['status']);
    }
    const prediction = await shop.call('POST', '/predict', { json: { rows: [rowOf({ Kota: 'Solo' })] } });
    expect(prediction.status).toBe(200);
  });

  it('is refused with a reason if it cannot be trained, while other requests are answered', async () => {
    const cases: readonly (readonly [string, Readonly<Record<string, string>>, number, string])[] = [
      [SMALL, { target: 'Tidak Ada' }, 422, 'unknown_column'],
      ['a,b\n1,x\n2,x\n', { target: 'b' }, 422, 'cannot_train'],
      ['id,name\n1,Ana\n2,Budi\n', { target: 'name' }, 422, 'cannot_train'],
      ['', { target: 'a' }, 422, 'empty'],
      ['a,b\n"1,2\n', { target: 'a' }, 422, 'invalid_csv'],
      ['PK\u0003\u0004zip', { target: 'a' }, 415, 'not_a_table'],
      [`a,b\n${'=1+1,NaN\n'.repeat(30)}`, { target: 'b' }, 422, 'cannot_train'],
      [`a,b\n${'inf,-inf\n'.repeat(30)}`, { target: 'b' }, 422, 'cannot_train'],
      [`${'a,'.repeat(500)}a\n1`, { target: 'a' }, 413, 'too_large'],
    ];
    for (const [csv, fields, status, code] of cases) {
      const [answer, health] = await Promise.all([train(shop, csv, fields), shop.call('GET', '/health')]);
      expect([code, answer.status, answer.body['code'], health.status]).toEqual([code, status, code, 200]);
    }
  });
});

it(
  'a training interrupted by power failures at any moment is still completed',
  { timeout: (CRASHES + 1) * PATIENCE_MS },
  async () => {
    let sapa = await startSapa({ env: { SEED_DEMO: 'false' } });
    const { dataDir } = sapa;
    try {
      let shop = await business(sapa, 'bikes');
      const body = (seed: number): FormData =>
        form(ordersCsv(900, seed), { target: 'Hasil', name: `m${seed}` });
      const whole = await shop.call('POST', '/v1/train?wait=true', { body: body(0) });
      expect(whole.body['status']).toBe('done');
      const [log] = (await shop.call('GET', '/v1/training-logs')).body['items'] as { duration_ms: number }[];
      for (let moment = 1; moment <= CRASHES; moment += 1) {
        const begun = await shop.call('POST', '/v1/train', { body: body(moment) });
        expect(begun.status).toBe(202);
        await pause(((moment - 0.5) / CRASHES) * (log?.duration_ms ?? 0));
        await sapa.kill();
        sapa = await startSapa({ dataDir, env: { SEED_DEMO: 'false' } });
        shop = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'bikes' });
        const path = `/v1/training/${String(begun.body['training_id'])}`;
        await waitUntil(async () => (await shop.call('GET', path)).body['status'] === 'done', PATIENCE_MS);
      }
      // Each model was trained once, however often the training began.
      const models = (await shop.call('GET', '/v1/models')).body['items'] as {
        name: string;
        version: number;
      }[];
      const expected = Array.from({ length: CRASHES + 1 }, (_, seed) => ({ name: `m${seed}`, version: 1 }));
      expect(models.map(({ name, version }) => ({ name, version })).reverse()).toEqual(expected);
    } finally {
      await sapa.stop();
      await removeDataDir(dataDir);
    }
  },
);
