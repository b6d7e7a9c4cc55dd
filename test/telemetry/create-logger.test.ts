import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compiledEntry } from '../../src/lib/project-root.js';

function logged(format: 'json' | 'pretty'): string {
  const entry = fileURLToPath(compiledEntry('test/telemetry/log-child.js'));
  return execFileSync(process.execPath, [entry, format], { encoding: 'utf8' });
}

describe('the log', () => {
  const lines = logged('json')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

  it("never shows tokens, keys, channel settings or people's texts, however deeply nested", () => {
    expect(JSON.stringify(lines)).not.toContain('SECRET-VALUE');
    expect(lines[0]).toMatchObject({
      token: '[redacted]',
      config: '[redacted]',
      kept: 'visible',
      msg: 'first',
    });
    expect(lines[1]).toMatchObject({ account: { token: '[redacted]', id: 'a1' } });
    expect(lines[2]).toMatchObject({ event: { message: { text: '[redacted]', id: 'm1' } } });
    expect(lines[3]).toMatchObject({ apiKey: '[redacted]', channel: 'telegram' });
    expect(lines[6]).toMatchObject({ account: { bot: { owner: [{ token: '[redacted]', id: 'b1' }] } } });
    expect(lines[7]).toMatchObject({
      a: { b: { c: { d: [{ password: '[redacted]', id: 'd1' }] } } },
      ring: { id: 'r1', self: { ring: '[circular]' } },
    });
  });

  it("records an error's name, kind, message, stack and cause", () => {
    expect(lines[4]).toMatchObject({
      msg: 'fifth',
      error: {
        name: 'ChannelError',
        kind: 'unreachable',
        message: 'sendMessage failed',
        cause: { message: 'connection reset' },
        stack: expect.stringContaining('log-child') as unknown,
      },
    });
    expect(lines[5]).toMatchObject({ error: 'only a string' });
  });

  it('keeps the useful part of foreign messages, and nothing that looks like a secret', () => {
    const kept = [
      'GET https://[redacted]@api.example.com/v1/things?[redacted] failed',
      'Authorization: [redacted] [redacted]',
      'api_key="[redacted]"',
      'https://api.telegram.org/bot[redacted]/sendMessage',
      '[redacted] is wrong',
      'connect ECONNREFUSED 10.0.0.7:443 (max_tokens: 4096)',
    ].join(', ');
    expect(lines[8]).toMatchObject({ reason: kept, error: { cause: { name: 'TypeError', message: kept } } });
    expect(lines[9]).toMatchObject({ error: { name: 'SyntaxError' } });
    const { message } = lines[10]?.['error'] as Readonly<Record<'message', string>>;
    expect(message.length).toBeLessThan(1_100);
  });

  it('omits entries below its level', () => {
    expect(lines).toHaveLength(11);
  });

  it('redacts just as much in pretty output', () => {
    const text = logged('pretty');
    expect(text).toContain('fifth');
    expect(text).not.toContain('SECRET-VALUE');
  });
});
