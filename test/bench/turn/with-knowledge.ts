import { fileURLToPath } from 'node:url';
import { compiledEntry } from '../../../src/lib/project-root.js';
import { splitSentences } from '../../../src/knowledge/understanding/words/sentences.js';
import { seeded } from '../../eval/learn/fit.js';
import { hasDataSets, loadCranfield, loadXquad } from '../../knowledge/search/datasets.js';
import { startNode } from '../kit/child.js';
import { expectSuccess, HttpClient } from '../kit/http-call.js';
import { interleave } from '../kit/interleave.js';
import { inFolder, makeTenant, startService, type Service } from '../kit/service.js';
import { median, quantile } from '../kit/statistics.js';
import { printTable } from '../kit/table.js';
import { addressIn, chat, elapsed, medianOf, repeat, untilModel } from './chat.js';

const ROUNDS = 5;
const CHUNKS = 10_000;
const CHUNKS_A_DOCUMENT = 50;
const SENTENCES_A_CHUNK = 4;
const ENTRIES = 200;
const PARALLEL = 8;
const TENANT = 'knowing';

/**
 * Measures the time a message spends in the service before the model receives it, with frequent questions and
 * 10,000 passages to search by words and by meaning. The built-in table embeds the questions, which takes no
 * call.
 */
export function turnWithKnowledgeBench(): Promise<void> {
  if (!hasDataSets()) return Promise.resolve();
  return inFolder(async (folder) => {
    const entry = fileURLToPath(compiledEntry('test/bench/turn/model-server.js'));
    const model = await startNode([entry], /listening/);
    const modelUrl = addressIn(model.line);
    const env = {
      OPENAI_BASE_URL: `${modelUrl}/v1`,
      OPENAI_API_KEY: 'none',
      LLM_CHAIN: 'openai:m',
      EMBEDDING_PROVIDER: 'builtin',
    };
    const service = await startService({ dataDir: folder, env });
    const client = new HttpClient(PARALLEL);
    try {
      for (const tenant of [TENANT, 'empty']) await makeTenant(service, client, tenant);
      await fill(client, service);
      await measure(client, `${modelUrl}/v1/chat/completions`, service);
    } finally {
      client.close();
      for (const child of [service, model]) await child.stop();
    }
  });
}

async function measure(client: HttpClient, completions: string, service: Service): Promise<void> {
  const questions = loadXquad().queries.map(({ text }) => text);
  let asked = 0;
  const ask = (tenant: string): ReturnType<typeof chat> => {
    const question = questions[asked % questions.length] ?? '';
    asked += 1;
    const person = `person-${asked % 64}`;
    return chat(client, service.url, service.headers(tenant), { person, question });
  };
  const slowest: number[] = [];
  const completion = JSON.stringify({
    model: 'm',
    stream: true,
    messages: [{ role: 'user', content: 'Hi' }],
  });
  const figures = await interleave(ROUNDS, {
    bare: () => medianOf(() => elapsed(() => client.post(completions, completion))),
    empty: async () => median((await repeat(() => ask('empty'))).map(untilModel)),
    async knowing() {
      const times = (await repeat(() => ask(TENANT))).map(untilModel);
      slowest.push(quantile(times, 0.99));
      return median(times);
    },
  });
  const common = { rival: figures.bare, rivalName: 'a bare keep-alive call', unit: 'us' };
  printTable(`turn with ${ENTRIES} frequent questions and ${CHUNKS} passages: client to model`, [
    { what: 'p50', ours: figures.knowing, ...common, goal: { kind: 'at most', ratio: 10 } },
    {
      what: 'p50 against no knowledge',
      ours: figures.knowing,
      rival: figures.empty,
      rivalName: 'the same service without knowledge',
      unit: 'us',
    },
    {
      what: 'p99',
      ours: slowest.slice(1),
      rival: figures.knowing,
      rivalName: 'its p50',
      unit: 'us',
      goal: { kind: 'at most', ratio: 5 },
    },
  ]);
}

/** Passages made of sentences from the public sets, and questions of XQuAD as entries of the business. */
async function fill(client: HttpClient, service: Service): Promise<void> {
  const headers = service.headers(TENANT);
  const post = async (path: string, body: object): Promise<string> =>
    expectSuccess(await client.post(`${service.url}${path}`, JSON.stringify(body), headers));
  const xquad = loadXquad();
  const texts = [...xquad.passages, ...loadCranfield().passages].map(({ text }) => text);
  const sentences = texts.flatMap(splitSentences).filter((sentence) => sentence.length > 20);
  const random = seeded(7);
  const passage = (): string =>
    Array.from(
      { length: SENTENCES_A_CHUNK },
      () => sentences[Math.floor(random() * sentences.length)] ?? '',
    ).join(' ');
  const documents = Array.from({ length: CHUNKS / CHUNKS_A_DOCUMENT }, (_, n) => ({
    id: `document-${n}`,
    title: `Document ${n}`,
    text: Array.from({ length: CHUNKS_A_DOCUMENT }, (_, part) => `## Part ${part}\n\n${passage()}`).join(
      '\n\n',
    ),
  }));
  await eachOf(documents, (document) => post('/kb/upsert', document));
  const entries = Array.from({ length: ENTRIES }, (_, n) => ({
    question: `What does part ${n} of the handbook say about ${sentences[n]?.split(' ')[3] ?? 'it'}?`,
    answer: passage(),
    locale: 'en',
  }));
  await eachOf(entries, (each) => post('/v1/faq', each));
}

async function eachOf<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}
