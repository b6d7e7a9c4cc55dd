import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAiDialect } from '../fakes/llm/dialects.js';
import { startScriptedServer, type ScriptedServer } from '../fakes/llm/scripted-server.js';
import { MODEL_CASES } from '../eval/models/cases.js';
import { evaluateModel, type ModelReport } from '../eval/models/evaluate-model.js';
import { evaluateRecorded, evaluateScripted } from '../eval/models/main.js';
import { sideBySide } from '../eval/models/side-by-side.js';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

describe('the evaluation of a model', () => {
  it('has cases that a good model passes, every one, live and in a replay without the vendor', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sapa-recorded-'));
    try {
      const file = join(folder, 'good.jsonl');
      const live = await evaluateScripted(file);
      const [replayed] = await evaluateRecorded(file, []);
      const facts = ({ figures, failures }: ModelReport) => ({
        failures,
        ...figures,
        'median answer': undefined,
      });
      expect(replayed?.model).toBe('scripted:good (replayed)');
      expect(replayed && facts(replayed)).toEqual(facts(live));
      expect(live.failures).toEqual([]);
      const groups = [...new Set(MODEL_CASES.map(({ group }) => group))];
      for (const group of groups) {
        const count = MODEL_CASES.filter((each) => each.group === group).length;
        expect(live.figures[group]).toBe(`${count} of ${count}`);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 360_000);

  it('reports what a model got wrong, what it used and what that cost', async () => {
    // This model knows one price, shouts, and follows no instructions. It cites all numbers because it does
    // not know which one its source has.
    const sources = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `[${n}]`).join(' ');
    server.play({ chunks: openAiDialect.text(`Toraja coffee costs Rp98.500 ${sources}!`), ending: 'end' });
    const servers = [
      { name: 'scripted', base_url: `${server.url}/v1`, model: 'one-price', context_tokens: 32_000 },
    ];
    const report = await evaluateModel('scripted:one-price', {
      variables: { LLM_SERVERS: JSON.stringify(servers) },
      businesses: [],
      cases: MODEL_CASES.filter(({ group }) => ['answers', 'tools', 'injection'].includes(group)),
    });
    expect(report.figures).toMatchObject({
      answers: '1 of 3',
      tools: '0 of 2',
      injection: '3 of 3',
      cost: expect.stringContaining('unpriced') as string,
    });
    expect(report.failures.map(({ ask }) => ask)).not.toContain(MODEL_CASES[0]?.ask);
    const text = sideBySide([report, { ...report, model: 'other:model', failures: [] }]);
    expect(text).toContain('|  | scripted:one-price | other:model |');
    expect(text).toContain('| answers | 1 of 3 | 1 of 3 |');
  }, 180_000);
});
