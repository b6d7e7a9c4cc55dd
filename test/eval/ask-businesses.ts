import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../../src/lib/project-root.js';
import {
  loadJudge,
  loadShared,
  OWN_BUSINESSES,
  SHARED_BUSINESSES,
  type Business,
  type BusinessQuestion,
  type Count,
  type Judge,
} from './judge.js';
import { startService } from './start-service.js';

export interface Check {
  connect(url: string, key: string): Api;
  setUp(api: Api, business: Business, id: string): Promise<unknown>;
  askAll(api: Api, business: Business, tenant: unknown): Promise<readonly AskedQuestion[]>;
  /** Shows one case in three lines. */
  show(business: Business, results: AskedQuestion): string;
}
/** The result of one question, as given to the judge. */
export interface AskedQuestion {
  readonly q: BusinessQuestion;
  readonly verdict: string;
  readonly answer?: string;
  readonly source?: string;
}
const MESSAGES = join(projectRoot, 'test/eval/messages');

export type Api = (method: string, path: string, options?: object) => Promise<unknown>;

/** The embedding that a service is started with. */
export interface EmbeddingChoice {
  /** Appended to the names of the figures. */
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  /** How long to wait until the model has processed the texts of a business, in ms. */
  readonly settleMs: number;
}

/**
 * Asks a service without any API key what the customers of each business ask. Returns percentages by
 * business, over all that weights and thresholds may be based on, and over all held out. `show`: prints what
 * went wrong, for those that are not held out.
 */
export async function askBusinesses(
  how: EmbeddingChoice = { name: '', variables: {}, settleMs: 0 },
  show = false,
): Promise<Readonly<Record<string, number>>> {
  const judge = await loadJudge();
  if (judge === undefined) return {};
  const check = (await loadShared('check.mjs')) as Check;
  const service = await startService(how.variables);
  try {
    const api = check.connect(service.url, service.key);
    const rows: (readonly [string, Count])[] = [];
    const familiar: AskedQuestion[] = [];
    const unseen: AskedQuestion[] = [];
    for (const business of allBusinesses(judge)) {
      const tenant = await check.setUp(api, business, `eval-${business.id}`);
      if (how.settleMs > 0) {
        await check.askAll(api, { ...business, questions: business.questions.slice(0, 1) }, tenant);
        await sleep(how.settleMs);
      }
      const results = await check.askAll(api, business, tenant);
      rows.push([`${business.id}${business.unseen === true ? ' (unseen)' : ''}`, judge.count(results)]);
      (business.unseen === true ? unseen : familiar).push(...results);
      if (!show || business.unseen === true) continue;
      for (const each of results)
        if (each.verdict !== 'right') console.log(`${check.show(business, each)}\n`);
    }
    rows.push(['all known', judge.count(familiar)], ['all unseen', judge.count(unseen)]);
    rows.push(['total', judge.count([...familiar, ...unseen])]);
    console.log(judge.table(rows));
    console.log(`\n${byKind('known', familiar)}\n${byKind('unseen', unseen)}`);
    return Object.fromEntries(rows.flatMap(([name, count]) => figuresOf(`${name}${how.name}`, count)));
  } finally {
    await service.stop();
  }
}

/** Messages that are hard in one way, for some of the businesses; each is a file in `messages`. */
export const MESSAGE_SETS = ['follow-ups', 'long-messages'] as const;
export type MessageSet = (typeof MESSAGE_SETS)[number];

/**
 * Asks the messages of one set, in both languages; those to businesses that are not held out may be used to
 * improve answers. Returns percentages for both.
 */
export async function askMessages(set: MessageSet, show = false): Promise<Readonly<Record<string, number>>> {
  const judge = await loadJudge();
  if (judge === undefined) return {};
  const check = (await loadShared('check.mjs')) as Check;
  const messages = JSON.parse(readFileSync(join(MESSAGES, `${set}.json`), 'utf8')) as Readonly<
    Record<string, readonly BusinessQuestion[]>
  >;
  const service = await startService({});
  try {
    const api = check.connect(service.url, service.key);
    const results: (AskedQuestion & { readonly isUnseen: boolean })[] = [];
    for (const business of allBusinesses(judge)) {
      const questions = messages[business.id] ?? [];
      if (questions.length === 0) continue;
      const tenant = await check.setUp(api, business, `eval-${business.id}`);
      const isUnseen = business.unseen === true;
      for (const each of await check.askAll(api, { ...business, questions }, tenant)) {
        results.push({ ...each, isUnseen });
        if (show && !isUnseen && each.verdict !== 'right') console.log(`${check.show(business, each)}\n`);
      }
    }
    const rows = [false, true].map((isUnseen): readonly [string, Count] => [
      `${set}, ${isUnseen ? 'unseen' : 'known'}`,
      judge.count(results.filter((each) => each.isUnseen === isUnseen)),
    ]);
    console.log(judge.table(rows));
    return Object.fromEntries(rows.flatMap(([name, count]) => figuresOf(name, count)));
  } finally {
    await service.stop();
  }
}

/** The businesses in ../shared are for measuring only, so they are marked as held out. */
function allBusinesses(judge: Judge): readonly Business[] {
  const shared = judge.readBusinesses(SHARED_BUSINESSES).map((each) => ({ ...each, unseen: true }));
  return [...judge.readBusinesses(OWN_BUSINESSES), ...shared];
}

/** For each kind of question, how many were right directly, right by a choice, and wrong. */
function byKind(name: string, results: readonly AskedQuestion[]): string {
  const kinds = new Map<string, AskedQuestion[]>();
  for (const each of results) {
    const { kind, from, tags = [] } = each.q;
    const own = kind === 'answer' ? [...tags, ...(from === 'hours' ? [] : ['knowledge'])] : [kind];
    for (const one of new Set(own.length === 0 ? ['plain'] : own)) {
      kinds.set(one, [...(kinds.get(one) ?? []), each]);
    }
  }
  const lines = [...kinds].map(([kind, own]) => {
    const share = (verdict: string): string =>
      String(Math.round((100 * own.filter((each) => each.verdict === verdict).length) / own.length));
    return `| ${name}, ${kind} | ${own.length} | ${share('right')} | ${share('choice')} | ${share('wrong')} |`;
  });
  return ['| kind | questions | right % | choice % | wrong % |', '|---|---|---|---|---|', ...lines].join(
    '\n',
  );
}

function figuresOf(name: string, count: Count): readonly (readonly [string, number])[] {
  const percent = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole);
  const { right = 0, choice = 0, ans = 0, wrong = 0, all = 0, un = 0, unOk = 0 } = count;
  return [
    [`${name}: right`, percent(right, ans)],
    [`${name}: right or choice`, percent(right + choice, ans)],
    [`${name}: not wrong`, 100 - percent(wrong, all)],
    [`${name}: unanswerable refused`, percent(unOk, un)],
  ];
}
