import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ToolCall } from '../../src/contracts/model.js';
import type { Logger } from '../../src/contracts/runtime.js';
import { ToolError, type Tool } from '../../src/contracts/tool.js';
import {
  createToolRegistry,
  executeToolCall,
  LONGEST_RESULT_BYTES,
  type ToolOutcome,
} from '../../src/tools/index.js';
import { toolContext } from './tool-context.js';

const logged: unknown[] = [];
const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (facts) => void logged.push(facts),
  child: () => logger,
};

function tool(run: Tool['run'], change: Partial<Tool> = {}): Tool {
  return {
    name: 'order_status',
    description: 'Tells the state of an order.',
    inputSchema: z.strictObject({ order: z.string().min(2) }),
    effect: 'read',
    run,
    ...change,
  };
}

function execute(
  one: Tool,
  change: {
    readonly call?: Partial<ToolCall>;
    readonly isConfirmed?: boolean;
    readonly signal?: AbortSignal;
  } = {},
): Promise<ToolOutcome> {
  const call = { id: 'call_1', name: 'order_status', arguments: { order: 'A-17' }, ...change.call };
  const context = toolContext();
  return executeToolCall(call, {
    registry: createToolRegistry([one]),
    context: change.signal === undefined ? context : { ...context, signal: change.signal },
    logger,
    isConfirmed: change.isConfirmed ?? false,
  });
}

describe('a tool call from a model', () => {
  it('runs with validated input and returns JSON', async () => {
    const outcome = await execute(tool((input) => Promise.resolve({ input })));
    expect(outcome).toEqual({
      type: 'ran',
      result: {
        callId: 'call_1',
        name: 'order_status',
        content: '{"input":{"order":"A-17"}}',
        isError: false,
      },
    });
  });

  it('is refused if there is no such tool', async () => {
    const outcome = await execute(
      tool(() => Promise.resolve(1)),
      { call: { name: 'delete_all' } },
    );
    expect(outcome).toMatchObject({ type: 'refused', kind: 'unknown-tool', result: { isError: true } });
  });

  it.each([{}, { order: '' }, { order: 7 }, { order: 'A-17', admin: true }])(
    'is refused for input %o, and the tool does not run',
    async (input) => {
      let ran = false;
      const outcome = await execute(
        tool(() => Promise.resolve((ran = true))),
        { call: { arguments: input } },
      );
      expect(outcome).toMatchObject({ type: 'refused', kind: 'invalid-input', result: { isError: true } });
      expect(ran).toBe(false);
    },
  );

  it('with an effect never runs without confirmation', async () => {
    let runs = 0;
    const write = tool(() => Promise.resolve((runs += 1)), { effect: 'write' });
    expect(await execute(write)).toMatchObject({ type: 'refused', kind: 'needs-confirmation' });
    expect(runs).toBe(0);
    expect(await execute(write, { isConfirmed: true })).toMatchObject({ type: 'ran' });
    expect(runs).toBe(1);
  });

  it("reveals a tool's own error to the model and hides any other", async () => {
    const outcome = await execute(
      tool(() => Promise.reject(new ToolError('not-allowed', 'Not your order.'))),
    );
    expect(outcome).toMatchObject({ kind: 'not-allowed', result: { isError: true } });
    expect(outcome.result.content).toContain('Not your order.');
    const unknown = await execute(tool(() => Promise.reject(new Error('mongodb://user:secret@host'))));
    expect(unknown).toMatchObject({ kind: 'failed', result: { isError: true } });
    expect(unknown.result.content).not.toContain('secret');
    expect(logged).toHaveLength(1);
  });

  it('fails if the result cannot be written as JSON', async () => {
    expect(await execute(tool(() => Promise.resolve(undefined)))).toMatchObject({ kind: 'failed' });
    expect(await execute(tool(() => Promise.resolve(1n)))).toMatchObject({ kind: 'failed' });
  });

  it('returns at most 8 kB, cut between characters', async () => {
    for (const pad of ['', 'a', 'ab', 'abc']) {
      const outcome = await execute(tool(() => Promise.resolve(pad + '👋'.repeat(9000))));
      expect(Buffer.byteLength(outcome.result.content)).toBeLessThanOrEqual(LONGEST_RESULT_BYTES);
      expect(outcome.result.content).not.toContain('\uFFFD');
      expect(outcome.result.content).toMatch(/\[cut\]$/u);
    }
  });

  it('stops with the turn', async () => {
    const signal = AbortSignal.abort(new Error('turn is over'));
    await expect(
      execute(
        tool(() => Promise.resolve(1)),
        { signal },
      ),
    ).rejects.toThrow('turn is over');
  });
});

describe('the tool registry', () => {
  it('refuses duplicate names, invalid names and inputs that are not objects', () => {
    const one = tool(() => Promise.resolve(1));
    expect(() => createToolRegistry([one, one])).toThrow('two tools named "order_status"');
    expect(() => createToolRegistry([{ ...one, name: 'Order Status' }])).toThrow('cannot be the name');
    expect(() => createToolRegistry([{ ...one, inputSchema: z.string() }])).toThrow('not an object');
  });

  it('is described to models as JSON Schema', () => {
    expect(createToolRegistry([tool(() => Promise.resolve(1))]).specs).toMatchObject([
      { name: 'order_status', inputSchema: { type: 'object', required: ['order'] } },
    ]);
  });
});
