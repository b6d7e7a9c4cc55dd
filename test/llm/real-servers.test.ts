import { afterEach, describe, expect, it } from 'vitest';
import { collect } from '../contracts/language-model.js';
import { DIALECTS } from '../fakes/llm/dialects.js';
import {
  closedPort,
  startScriptedServer,
  type Script,
  type ScriptedServer,
} from '../fakes/llm/scripted-server.js';
import { request, signal, chainOf, outcomeOf } from './chain.js';

describe('a chain over real servers', () => {
  const servers: ScriptedServer[] = [];
  const unhandled: unknown[] = [];
  process.on('unhandledRejection', (reason) => unhandled.push(reason));
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(unhandled).toEqual([]);
  });
  const start = async (...scripts: readonly Script[]): Promise<ScriptedServer> => {
    const server = await startScriptedServer();
    servers.push(server);
    server.play(...scripts);
    return server;
  };

  for (const dialect of DIALECTS) {
    const whole = dialect.text('never ', 'seen ', 'whole');
    const troubles: Readonly<Record<string, Script>> = {
      'silence after the headers': { chunks: [], ending: 'stall' },
      'silence in the middle': { chunks: whole.slice(0, 3), ending: 'stall' },
      'half a line and then silence': { chunks: [(whole[0] ?? '').slice(0, 25)], ending: 'stall' },
      'a tool call that never ends': { chunks: dialect.toolCall('{"order"').slice(0, 1), ending: 'cut' },
      'an error after the 200': { chunks: [...whole.slice(0, 2), dialect.errorEvent], ending: 'end' },
      'a cut connection': { chunks: whole.slice(0, 3), ending: 'cut' },
      'broken JSON': { chunks: ['data: {"x\n\n'], ending: 'end' },
      'an empty answer': { chunks: [], ending: 'end' },
      'status 429': dialect.failure(429, 'rate', 'x', { 'retry-after': '1' }),
      'status 500': dialect.failure(500, 'internal'),
      'status 529': dialect.failure(529, 'overloaded_error'),
      'status 401': dialect.failure(401, 'authentication_error'),
    };
    it.each(Object.entries(troubles))(`answers once after ${dialect.name} gave %s`, async (_name, script) => {
      const bad = await start(script);
      const backup = await start({ chunks: dialect.text('all ', 'good'), ending: 'end' });
      const models = [dialect.create(bad.url), dialect.create(backup.url)];
      const parts = await collect(chainOf(models, { idleMs: 1_000 }).stream(request, signal));
      expect(outcomeOf(parts)).toBe('all good');
      if (script.ending === 'stall') await bad.requests[0]?.closedByClient;
    });

    it(`answers once when ${dialect.name} refuses the connection`, async () => {
      const backup = await start({ chunks: dialect.text('all ', 'good'), ending: 'end' });
      const models = [dialect.create(await closedPort()), dialect.create(backup.url)];
      expect(outcomeOf(await collect(chainOf(models).stream(request, signal)))).toBe('all good');
    });
  }
});
