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

  it('never shows tokens, keys, settings of channels or what people wrote, however deep', () => {
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
  });

  it('tells of an error its name, kind, message, place and cause', () => {
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

  it('leaves out what is below its level', () => {
    expect(lines).toHaveLength(6);
  });

  it('is as discreet in colours', () => {
    const text = logged('pretty');
    expect(text).toContain('fifth');
    expect(text).not.toContain('SECRET-VALUE');
  });
});
