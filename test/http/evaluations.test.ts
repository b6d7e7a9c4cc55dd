import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createAnswerFinder,
  createFileParser,
  createKnowledgeService,
  createRetrieverPool,
  evaluationRoutes,
} from '../../src/knowledge/index.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { makeId } from '../../src/lib/ids/make-id.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { TestQueue } from '../knowledge/service/test-queue.js';
import { startHttpFixture, type HttpFixture } from './support/http-fixture.js';

const common = { clock: systemClock, logger: silentLogger, makeId };
const retrievers = createRetrieverPool(common);
const finder = createAnswerFinder(common);
describe('retrieval evaluations over the API', () => {
  let http: HttpFixture;
  let key: string;
  beforeAll(async () => {
    const routes = evaluationRoutes({
      ...common,
      knowledge: { retriever: (scope) => retrievers.retriever(scope) },
      finder,
    });
    http = await startHttpFixture({ deps: { routes } });
    key = await http.tenant('a');
    const scope = await http.scope('a');
    const queue = new TestQueue(scope);
    const parser = createFileParser();
    const knowledge = createKnowledgeService({ ...common, queue, retrievers, finder, parser });
    await knowledge.upsert(scope, {
      id: 'ongkir',
      title: 'Ongkos kirim',
      text: 'Ongkos kirim ke Bandung Rp 15.000.',
    });
    await knowledge.upsert(scope, {
      id: 'parkir',
      title: 'Parkir',
      text: 'Parkir mobil gratis di belakang toko.',
    });
  });
  afterAll(async () => {
    await http.close(1000);
    retrievers.close();
  });

  it('report how often the right document is found and which are missed, and are stored', async () => {
    const questions = [
      { question: 'ongkos kirim ke Bandung', document_id: 'ongkir' },
      { question: 'xylophone zebra quartz', document_id: 'parkir' },
    ];
    const { status, body } = await http.call('POST', '/v1/kb/evaluations', { key, json: { questions } });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      questions: 2,
      recall: { 1: 0.5, 3: 0.5, 5: 0.5, 10: 0.5 },
      ndcg_10: 0.5,
      refusals: 1,
      missed: ['xylophone zebra quartz'],
    });
    const list = await http.call('GET', '/v1/kb/evaluations', { key });
    expect(list.body).toEqual({ items: [body], next_cursor: null });
  });

  it('belong to their business and need questions', async () => {
    const other = await http.tenant('b');
    const { body } = await http.call('GET', '/v1/kb/evaluations', { key: other });
    expect(body).toMatchObject({ items: [] });
    const none = await http.call('POST', '/v1/kb/evaluations', { key, json: { questions: [] } });
    expect(none.status).toBe(400);
  });
});
