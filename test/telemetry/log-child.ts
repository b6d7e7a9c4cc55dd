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
logger.debug({}, 'not at this level');
