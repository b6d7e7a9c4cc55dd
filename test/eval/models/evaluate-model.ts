import { loadJudge, loadShared, OWN_BUSINESSES, SHARED_BUSINESSES } from '../judge.js';
import type { Check } from '../ask-businesses.js';
import { startService } from '../start-service.js';
import { CASE_BUSINESS, MODEL_CASES, type Answer, type ModelCase } from './cases.js';

/** The results of one model; can be saved and compared with later ones. */
export interface ModelReport {
  readonly model: string;
  readonly at: string;
  /** Each figure by name, in the order of the report. */
  readonly figures: Readonly<Record<string, string>>;
  readonly failures: readonly { readonly ask: string; readonly answer: string; readonly problem: string }[];
}

export interface EvaluationOptions {
  /** Settings of the service besides its chain: keys, base URLs, servers. */
  readonly variables: Readonly<Record<string, string>>;
  /** Ids of businesses whose questions are also asked. */
  readonly businesses: readonly string[];
  /** Default: all. */
  readonly cases?: readonly ModelCase[];
}

/** Asks a service that answers with this model only, as customers would. Costs what the model costs. */
export async function evaluateModel(
  model: string,
  { variables, businesses, cases = MODEL_CASES }: EvaluationOptions,
): Promise<ModelReport> {
  const service = await startService({ ...variables, LLM_CHAIN: model });
  try {
    const call = caller(service);
    const { key } = await openBusiness(call);
    const failures: { ask: string; answer: string; problem: string }[] = [];
    const passed = new Map<string, [number, number]>();
    const took: number[] = [];
    for (const [number, each] of cases.entries()) {
      const person = `guest-${number}`;
      for (const before of each.after ?? []) await say(call, key, person, before);
      const existing = await waitingActions(call, key);
      const started = performance.now();
      const answer = await say(call, key, person, each.ask);
      took.push(performance.now() - started);
      const actions = (await waitingActions(call, key)).slice(0, -existing.length || undefined);
      const problem = each.problem(answer, actions);
      const [right, all] = passed.get(each.group) ?? [0, 0];
      passed.set(each.group, [right + (problem === undefined ? 1 : 0), all + 1]);
      if (problem !== undefined) failures.push({ ask: each.ask, answer: answer.answer, problem });
    }
    const results = await askThem(service, businesses);
    return {
      model,
      at: new Date().toISOString(),
      figures: {
        ...Object.fromEntries([...passed].map(([group, [right, all]]) => [group, `${right} of ${all}`])),
        ...results,
        'median answer': `${Math.round(took.toSorted((a, b) => a - b)[Math.floor(took.length / 2)] ?? 0)} ms`,
        ...(await costOf(call, key)),
      },
      failures,
    };
  } finally {
    await service.stop();
  }
}

type Call = (method: string, path: string, key: string, body?: unknown) => Promise<unknown>;

function caller({ url, key: admin }: { readonly url: string; readonly key: string }): Call {
  return async (method, path, key, body) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        'content-type': 'application/json',
        'x-api-key': key === '' ? admin : key,
        ...(key === '' ? { 'x-tenant-id': 'lontar' } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(200_000),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
}

async function openBusiness(call: Call): Promise<{ readonly key: string }> {
  const created = (await call('PUT', '/v1/tenants/lontar/settings', '', {
    ...CASE_BUSINESS.settings,
    api_key: '',
  })) as { readonly api_key: string };
  for (const document of CASE_BUSINESS.documents) {
    await call('POST', '/v1/kb/upsert', created.api_key, document);
  }
  return { key: created.api_key };
}

function say(call: Call, key: string, person: string, content: string): Promise<Answer> {
  const body = { user_id: person, messages: [{ role: 'user', content }] };
  return call('POST', '/v1/chat', key, body) as Promise<Answer>;
}

/** Newest first. */
async function waitingActions(call: Call, key: string): Promise<readonly string[]> {
  const { items } = (await call('GET', '/v1/actions?status=waiting', key)) as {
    readonly items: readonly { readonly tool: string }[];
  };
  return items.map(({ tool }) => tool);
}

async function costOf(call: Call, key: string): Promise<Readonly<Record<string, string>>> {
  const { items } = (await call('GET', '/v1/usage?group_by=model', key)) as {
    readonly items: readonly Readonly<Record<string, number>>[];
  };
  const sum = (name: string): number => items.reduce((total, item) => total + (item[name] ?? 0), 0);
  const unpriced = sum('unpriced_calls');
  return {
    calls: String(sum('calls')),
    'failed calls': String(sum('failed_calls')),
    'input tokens (cached)': `${sum('input_tokens')} (${sum('cached_tokens')})`,
    'output tokens (thought)': `${sum('output_tokens')} (${sum('reasoning_tokens')})`,
    cost: unpriced > 0 ? `unpriced (${unpriced} calls)` : `$${(sum('cost_micros') / 1e6).toFixed(4)}`,
  };
}

async function askThem(
  service: { readonly url: string; readonly key: string },
  ids: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const judge = ids.length === 0 ? undefined : await loadJudge();
  if (judge === undefined) return {};
  const check = (await loadShared('check.mjs')) as Check;
  const api = check.connect(service.url, service.key);
  const figures: Record<string, string> = {};
  const all = [...judge.readBusinesses(OWN_BUSINESSES), ...judge.readBusinesses(SHARED_BUSINESSES)];
  for (const business of all.filter(({ id }) => ids.includes(id))) {
    const results = await check.askAll(
      api,
      business,
      await check.setUp(api, business, `eval-${business.id}`),
    );
    const { ans = 0, right = 0, choice = 0, wrong = 0, un = 0, unOk = 0 } = judge.count(results);
    figures[business.id] = `${right + choice} of ${ans} right, ${wrong} wrong, ${unOk} of ${un} refused`;
  }
  return figures;
}
