import { join } from 'node:path';
import mongoose from 'mongoose';
import { loadApp } from '../../../src/compose/load-app.js';
import { runService } from '../../../src/compose/run-service.js';
import { stopSignals } from '../../../src/compose/stop-signals.js';
import { loadSettings } from '../../../src/config/index.js';
import { openEmbeddedStore } from '../../../src/store/embedded/index.js';
import { createLogger } from '../../../src/telemetry/index.js';
import { commandNameOf } from '../../support/command-name.js';

/** One command of the database driver; times in microseconds of the shared monotonic clock. */
export interface SeenCommand {
  readonly name: string;
  readonly startedAt: number;
  readonly endedAt: number;
}

/**
 * The service and its embedded store as run by `main.js`, except that the driver reports every command. Any
 * message over IPC is answered with the commands since the previous one.
 */
const logger = createLogger({ level: 'warn', format: 'json' });
const dataDir = process.env['DATA_DIR'] ?? '';
const store = await openEmbeddedStore({ dataDir: join(dataDir, 'monitored'), logger });
const settings = { ...loadSettings(), MONGODB_URI: `${store.uri}&monitorCommands=true` };
const app = await loadApp(settings, logger);

let commands: SeenCommand[] = [];
const running = new Map<number, { name: string; startedAt: number }>();
const client = mongoose.connections.find(({ name }) => name === 'sapa')?.getClient();
if (client === undefined) throw new Error('the store has no connection');
client.on('commandStarted', ({ requestId, commandName, command }) => {
  running.set(requestId, { name: commandNameOf(commandName, command), startedAt: now() });
});
const ended = ({ requestId }: { requestId: number }): void => {
  const command = running.get(requestId);
  running.delete(requestId);
  if (command !== undefined) commands.push({ ...command, endedAt: now() });
};
client.on('commandSucceeded', ended);
client.on('commandFailed', ended);
process.on('message', () => {
  process.send?.(commands);
  commands = [];
});

await runService(app, stopSignals());

function now(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
