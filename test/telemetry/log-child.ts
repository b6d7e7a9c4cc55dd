// Run from dist/ as a child process: writes lines with secrets at several depths.
import { createLogger } from '../../src/telemetry/index.js';
import { ChannelError } from '../../src/contracts/channel.js';

const format = process.argv[2] === 'pretty' ? 'pretty' : 'json';
const logger = createLogger({ level: 'info', format });
const secret = 'SECRET-VALUE';
logger.info(
  { token: secret, apiKey: secret, text: secret, config: { token: secret }, kept: 'visible' },
  'first',
);
logger.info({ account: { token: secret, password: secret, id: 'a1' } }, 'second');
logger.info({ event: { message: { text: secret, id: 'm1' } } }, 'third');
logger.child({ apiKey: secret, channel: 'telegram' }).info({}, 'fourth');
const cause = new Error('connection reset');
logger.error({ error: new ChannelError('unreachable', 'sendMessage failed', { cause }) }, 'fifth');
logger.error({ error: 'only a string' }, 'sixth');
logger.child({ account: { bot: { owner: [{ token: secret, id: 'b1' }] } } }).info({}, 'seventh');
const ring: Record<string, unknown> = { id: 'r1' };
ring['self'] = { ring };
logger.info(
  { a: { b: { c: { d: [{ password: secret, id: 'd1' }] } } }, ring, bytes: Buffer.from(secret) },
  'eighth',
);
const long = `${secret}-${secret}-0123456789`;
const told = [
  `GET https://user:${secret}@api.example.com/v1/things?key=${secret}&page=2 failed`,
  `Authorization: Bearer ${long}`,
  `api_key="${secret}"`,
  `https://api.telegram.org/bot123456789:${long}/sendMessage`,
  `sk-${long} is wrong`,
  `connect ECONNREFUSED 10.0.0.7:443 (max_tokens: 4096)`,
].join(', ');
logger.error({ error: new Error('outer', { cause: new TypeError(told) }), reason: told }, 'ninth');
logger.error({ error: thrownBy(() => JSON.parse(`${secret} wrote this`) as unknown) }, 'tenth');
logger.error({ error: new Error('x'.repeat(5_000)) }, 'eleventh');
logger.debug({}, 'not at this level');

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
