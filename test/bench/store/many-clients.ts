import type { Collection, Db, MongoClient } from 'mongodb';
import { interleave } from '../kit/interleave.js';
import { median, spreadOf } from '../kit/statistics.js';
import { digits, printTable } from '../kit/table.js';

const CONVERSATIONS = 64;
const MESSAGES_EACH = 5;
const ROUNDS = 5;
const COMMANDS_PER_MESSAGE = 9;
const KNOWN_EVENTS = 5_000;
const LOOKS_PER_ROUND = 200;
const TEXT = 'some words of a message '.repeat(6);
const QUICK = { writeConcern: { w: 1, journal: false } } as const;
const DURABLE = { writeConcern: { w: 'majority', journal: true } } as const;

interface Event {
  _id: string;
  conversation: string;
  state: string;
  sequence: number;
  text: string;
}

interface Lane {
  _id: string;
  dueAt: Date;
  fence: number;
}

/** Many conversations at once, each sending the commands that one message costs the service. */
export async function manyClients(client: MongoClient): Promise<void> {
  const database = client.db('bench');
  const tables = await prepare(database);
  let looks: number[] = [];
  const figures = await interleave(ROUNDS, {
    pings: () => perSecond(CONVERSATIONS * MESSAGES_EACH * COMMANDS_PER_MESSAGE, (n) => pings(database, n)),
    messages: () =>
      perSecond(CONVERSATIONS * MESSAGES_EACH * COMMANDS_PER_MESSAGE, () => conversations(tables)),
    alone: () => medianLook(tables, LOOKS_PER_ROUND),
    beside: async () => {
      const busy = conversations(tables);
      looks = [];
      let isOver = false;
      void busy.finally(() => (isOver = true));
      while (!isOver) looks.push(await medianLook(tables, 1));
      await busy;
      return median(looks);
    },
  });
  printTable(
    `embedded store, ${CONVERSATIONS} conversations at once, ${COMMANDS_PER_MESSAGE} commands per message`,
    [
      {
        what: 'commands per second',
        ours: figures.messages,
        rival: figures.pings,
        rivalName: 'pings',
        unit: '/s',
      },
      {
        what: 'find in another collection meanwhile',
        ours: figures.beside,
        rival: figures.alone,
        rivalName: 'the same find alone',
        unit: 'us',
      },
    ],
    [`messages per second: ${digits(spreadOf(figures.messages).median / COMMANDS_PER_MESSAGE)}`],
  );
}

interface Tables {
  readonly events: Collection<Event>;
  readonly lanes: Collection<Lane>;
  readonly turns: Collection<Event>;
  readonly settings: Collection<Event>;
}

async function prepare(database: Db): Promise<Tables> {
  const tables: Tables = {
    events: database.collection('events'),
    lanes: database.collection('lanes'),
    turns: database.collection('turns'),
    settings: database.collection('settings'),
  };
  await tables.events.createIndex({ conversation: 1, state: 1, sequence: 1 });
  await tables.turns.createIndex({ conversation: 1, sequence: 1 });
  await tables.lanes.createIndex({ dueAt: 1 });
  const history = Array.from({ length: KNOWN_EVENTS }, (_, n) => event(`known ${n}`, `c${n % 500}`, n));
  await tables.events.insertMany(history);
  await tables.settings.insertMany(history);
  return tables;
}

const event = (id: string, conversation: string, sequence: number): Event => ({
  _id: id,
  conversation,
  state: 'pending',
  sequence,
  text: TEXT,
});

let messages = 0;

function conversations(tables: Tables): Promise<void> {
  return all(CONVERSATIONS, async (n) => {
    for (let i = 0; i < MESSAGES_EACH; i += 1) await message(tables, `c${n}`, (messages += 1));
  });
}

/** The commands of one message, in order. */
async function message(
  { events, lanes, turns }: Tables,
  conversation: string,
  sequence: number,
): Promise<void> {
  const id = `event ${sequence}`;
  const lane = `lane ${conversation}`;
  const dueAt = new Date(sequence);
  await lanes.updateOne({ _id: lane }, { $min: { dueAt }, $inc: { fence: 1 } }, { ...DURABLE, upsert: true });
  await events.insertOne(event(id, conversation, sequence), DURABLE);
  await lanes.findOneAndUpdate({ _id: lane }, { $set: { dueAt }, $inc: { fence: 1 } }, QUICK);
  await events.find({ conversation, state: 'pending' }).sort({ sequence: 1 }).limit(500).toArray();
  await turns.find({ conversation }).sort({ sequence: -1 }).limit(10).toArray();
  await turns.insertOne(event(`turn ${sequence}`, conversation, sequence), DURABLE);
  await events.updateOne({ _id: id }, { $set: { state: 'answered' } }, QUICK);
  await turns.updateOne({ _id: `turn ${sequence}` }, { $set: { state: 'sent' } }, DURABLE);
  await lanes.deleteOne({ _id: lane }, QUICK);
}

function pings(database: Db, times: number): Promise<void> {
  return all(CONVERSATIONS, async () => {
    for (let i = 0; i < times / CONVERSATIONS; i += 1) await database.command({ ping: 1 });
  });
}

async function medianLook({ settings }: Tables, times: number): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const started = performance.now();
    await settings.findOne({ _id: `known ${(i * 7) % KNOWN_EVENTS}` });
    took.push((performance.now() - started) * 1_000);
  }
  return median(took);
}

async function perSecond(commands: number, work: (commands: number) => Promise<void>): Promise<number> {
  const started = performance.now();
  await work(commands);
  return (commands * 1_000) / (performance.now() - started);
}

async function all(times: number, work: (n: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: times }, (_, n) => work(n)));
}
