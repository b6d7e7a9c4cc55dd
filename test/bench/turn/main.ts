import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { compiledEntry } from '../../../src/lib/project-root.js';
import { startNode } from '../kit/child.js';
import { expectSuccess, HttpClient } from '../kit/http-call.js';
import { interleave } from '../kit/interleave.js';
import { inFolder, makeTenant, startService, type Service } from '../kit/service.js';
import { median, quantile } from '../kit/statistics.js';
import { printTable } from '../kit/table.js';
import {
  addressIn,
  chat,
  elapsed,
  medianOf,
  MESSAGES,
  now,
  repeat,
  untilModel,
  type Message,
} from './chat.js';
import type { SeenCommand } from './monitored-service.js';

const ROUNDS = 7;
const CONCURRENCY = 64;
const TURNS = 500;
const TENANT = 'bench';
/** Different questions, so that results cached for an earlier message are not measured. */
const QUESTIONS = [
  'Could you tell me something nice about the weather today?',
  'Which river runs through the old part of the city?',
  'How far is the moon from the lighthouse in winter?',
  'Apakah gunung itu pernah meletus sebelum tahun 1900?',
  'Siapa yang menulis cerita tentang kancil dan buaya?',
  'Why do the leaves of some trees turn yellow in autumn?',
  'Berapa banyak pulau yang ada di sebelah timur?',
  'What did sailors eat on long voyages?',
] as const;
const questionOf = (n: number): string => QUESTIONS[n % QUESTIONS.length] ?? QUESTIONS[0];
const COMPLETION = JSON.stringify({
  model: 'm',
  stream: true,
  messages: [{ role: 'user', content: QUESTIONS[0] }],
});

/** Measures the time a message spends in the service before the model receives it, and turns per second. */
export function turnBench(): Promise<void> {
  return inFolder(async (folder) => {
    const model = await startNode(
      [fileURLToPath(compiledEntry('test/bench/turn/model-server.js'))],
      /listening/,
    );
    const modelUrl = addressIn(model.line);
    const env = { OPENAI_BASE_URL: `${modelUrl}/v1`, OPENAI_API_KEY: 'none', LLM_CHAIN: 'openai:m' };
    const proxy = await startNode(
      [fileURLToPath(compiledEntry('test/bench/turn/bare-proxy.js')), `${modelUrl}/v1/chat/completions`],
      /listening/,
    );
    const plain = await startService({ dataDir: `${folder}/plain`, env });
    const monitored = await startService({
      dataDir: `${folder}/monitored`,
      env,
      entry: 'test/bench/turn/monitored-service.js',
    });
    const client = new HttpClient(CONCURRENCY);
    try {
      for (const service of [plain, monitored]) await makeTenant(service, client, TENANT);
      await latency(client, modelUrl, plain, monitored);
      await rate(client, addressIn(proxy.line), plain);
    } finally {
      client.close();
      for (const child of [plain, monitored, proxy, model]) await child.stop();
    }
  });
}

async function latency(
  client: HttpClient,
  modelUrl: string,
  plain: Service,
  monitored: Service,
): Promise<void> {
  const completions = `${modelUrl}/v1/chat/completions`;
  const wholeTurns: number[] = [];
  const slowest: number[] = [];
  const commandLog: SeenCommand[][] = [];
  const figures = await interleave(ROUNDS, {
    bare: () => medianOf(async () => elapsed(() => client.post(completions, COMPLETION))),
    fetch: () =>
      medianOf(async () =>
        elapsed(async () => (await fetch(completions, { method: 'POST', body: COMPLETION })).text()),
      ),
    async service() {
      const messages = await repeat((n) => ask(client, plain, n));
      wholeTurns.push(median(messages.map(({ answered, sent }) => answered - sent)));
      slowest.push(quantile(messages.map(untilModel), 0.99));
      return median(messages.map(untilModel));
    },
    async monitored() {
      await commandsOf(monitored);
      const messages = await repeat((n) => ask(client, monitored, n));
      const commands = await commandsOf(monitored);
      commandLog.push(commands);
      return median(messages.map((message) => untilModel(message) - waitedForWrites(message, commands)));
    },
  });
  const rival = figures.bare;
  const common = { rival, rivalName: 'a bare keep-alive call', unit: 'us' };
  printTable(
    `turn: client to model, ${ROUNDS} rounds of ${MESSAGES} messages one by one, no documents`,
    [
      { what: 'fetch to the model', ours: figures.fetch, ...common },
      {
        what: 'p50, all store writes',
        ours: figures.service,
        ...common,
        goal: { kind: 'at most', ratio: 15 },
      },
      { what: 'p99, all store writes', ours: slowest.slice(1), ...common },
      {
        what: 'p50, without waiting for writes',
        ours: figures.monitored,
        ...common,
        goal: { kind: 'at most', ratio: 3 },
      },
      { what: 'p50, whole turn to the answer', ours: wholeTurns.slice(1), ...common },
    ],
    [
      'from the client sending until the model has the whole request; the hop from the client is in it, nothing is taken off',
      'without waiting: in a process whose driver reports its commands, less the time in which a write was in flight that the pipeline waits for (event, lane, conversation, contact); reads stay in',
    ],
  );
  printCommands(commandLog.slice(1).flat(), MESSAGES * ROUNDS);
}

async function rate(client: HttpClient, proxyUrl: string, service: Service): Promise<void> {
  const figures = await interleave(ROUNDS, {
    proxy: () => perSecond(async () => void expectSuccess(await client.post(proxyUrl, COMPLETION))),
    patient: () => perSecond(async (n, person) => void (await ask(client, service, n, person))),
    hurried: () => perSecond(async (n) => void (await ask(client, service, n))),
  });
  const common = { rival: figures.proxy, rivalName: 'a bare Node proxy', unit: '/s' };
  const goal = { kind: 'at least', ratio: 0.25 } as const;
  printTable(`turn: ${TURNS} turns, ${CONCURRENCY} at a time, one process, instant model`, [
    { what: 'turns per second, each person after their answer', ours: figures.patient, ...common, goal },
    { what: 'turns per second, also before it', ours: figures.hurried, ...common, goal },
  ]);
}

/** Always the same question for one person, so that their language does not change. */
function ask(client: HttpClient, service: Service, n: number, person = n % CONCURRENCY): Promise<Message> {
  return chat(client, service.url, service.headers(TENANT), {
    person: `person-${person}`,
    question: questionOf(person),
  });
}

/** Writes an accepted message waits for before the model is called. */
const AWAITED_WRITE =
  /^(insert (lanes|inbox|conversations|contacts)|bulkWrite lanes and|(update|findAndModify) lanes)/;

/**
 * Time before the model received the message during which an awaited write was in flight, in microseconds.
 */
function waitedForWrites({ sent, received }: Message, commands: readonly SeenCommand[]): number {
  let covered = sent;
  let total = 0;
  for (const { name, startedAt, endedAt } of commands) {
    if (!AWAITED_WRITE.test(name) || startedAt < sent || startedAt > received) continue;
    const from = Math.max(startedAt, covered);
    const to = Math.min(endedAt, received);
    if (to <= from) continue;
    total += to - from;
    covered = to;
  }
  return total;
}

async function commandsOf(service: Service): Promise<SeenCommand[]> {
  // Commands after the last answer may still be in flight.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const reply = once(service.process, 'message');
  service.process.send('commands');
  const [commands] = (await reply) as [SeenCommand[]];
  return commands.toSorted((a, b) => a.startedAt - b.startedAt);
}

function printCommands(commands: readonly SeenCommand[], messages: number): void {
  const byName = new Map<string, SeenCommand[]>();
  for (const command of commands) byName.set(command.name, [...(byName.get(command.name) ?? []), command]);
  console.log('  store commands per message, and how long one takes at p50 (driver included):');
  for (const [name, same] of [...byName].toSorted((a, b) => b[1].length - a[1].length)) {
    const took = median(same.map(({ startedAt, endedAt }) => endedAt - startedAt));
    const count = same.length / messages;
    if (count >= 0.02) console.log(`    ${count.toFixed(2)} ${name}: ${took} us`);
  }
}

async function perSecond(once: (n: number, person: number) => Promise<void>): Promise<number> {
  const started = now();
  let next = 0;
  const loop = async (person: number): Promise<void> => {
    while (next < TURNS) await once((next += 1), person);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, (_, person) => loop(person)));
  return (TURNS / (now() - started)) * 1e6;
}
