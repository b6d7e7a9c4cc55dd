import type { Settings } from '../config/index.js';
import type { HttpServer } from '../http/index.js';
import { waitForSample } from '../seed/wait-for-sample.js';
import { DEMO_TENANT_ID, seedDemo } from '../seed/seed-demo.js';
import type { App } from './compose.js';
import { sampleAccounts } from './sample-accounts.js';
import { startHttp } from './start-http.js';
import { startMessage } from './start-message.js';

/** Stopping takes at most 10 s: this much for running turns, the rest for closing. */
const TURN_GRACE_MS = 6_000;
const HTTP_GRACE_MS = 1_500;
const JOB_GRACE_MS = 2_000;

/**
 * Starts the roles of this process, and stops them in order when `stopping` aborts, even half-way through
 * starting.
 */
export async function runService(app: App, stopping: AbortSignal): Promise<void> {
  const { logger } = app;
  process.on('unhandledRejection', (error) => logger.error({ error }, 'a promise failed unnoticed'));
  const running: Running = { stopping, server: undefined };
  if (stopping.aborted) {
    stop(app, running);
    return;
  }
  stopping.addEventListener('abort', () => stop(app, running));
  try {
    await start(app, running);
  } catch (error) {
    // Stopping makes whatever is still starting fail; that is not an error.
    if (!stopping.aborted) throw error;
  }
}

interface Running {
  readonly stopping: AbortSignal;
  server: HttpServer | undefined;
}

async function start(app: App, running: Running): Promise<void> {
  const { settings } = app;
  const has = (role: Settings['ROLES'][number]): boolean => settings.ROLES.includes(role);
  const { stopping } = running;
  await app.releaseDeadNeighbours();
  const isNewSample = settings.SEED_DEMO && (await prepareDemo(app, stopping));
  // Workers send through the accounts and obey waits, so these must be loaded before the first lane is claimed.
  await Promise.all([app.connections.start(), app.waits.start()]);
  if (has('worker')) app.worker.start({ sweeps: true });
  else if (has('gateway')) app.sender.start({ sweeps: true });
  // The sample is read by a job. Otherwise no message waits for jobs, so they start last.
  if (has('worker') && isNewSample) {
    await app.queue.start(app.jobs);
    await waitForSample({ ...app, signal: stopping });
  }
  if (has('api')) running.server = await startHttp(app);
  if (has('gateway')) await app.connections.connect();
  process.stdout.write(`${startMessage(app, running.server?.url)}\n`);
  if (has('worker') && !isNewSample) await app.queue.start(app.jobs);
}

function stop(app: App, running: Running): void {
  app.logger.info({ signal: running.stopping.reason as unknown }, 'stopping');
  stopAll(app, running.server).then(
    () => process.exit(0),
    (error: unknown) => {
      app.logger.error({ error }, 'the shutdown was not clean');
      process.exit(1);
    },
  );
}

/** Intake stops first, then what it feeds, and the store last. */
async function stopAll(app: App, server: HttpServer | undefined): Promise<void> {
  await app.connections.stop();
  const closing = server?.close(TURN_GRACE_MS + HTTP_GRACE_MS);
  await Promise.all([
    app.worker.stop(TURN_GRACE_MS),
    app.sender.stop(TURN_GRACE_MS),
    app.queue.stop(JOB_GRACE_MS),
  ]);
  await closing;
  await app.waits.stop();
  await app.close();
}

/** Creates the sample business and the accounts from the environment; `true` if it is new. */
async function prepareDemo(app: App, signal: AbortSignal): Promise<boolean> {
  const { service, knowledge, faq, clock, logger, settings } = app;
  const isNew = await seedDemo({ service, knowledge, faq, clock, logger, signal });
  for (const { channel, config } of sampleAccounts(settings)) {
    const id = `${DEMO_TENANT_ID}-${channel}`;
    if (config !== undefined) {
      await service.putAccount({ id, tenantId: DEMO_TENANT_ID, channel, config });
      continue;
    }
    // Only in processes that hold connections: a worker beside a gateway need not know the token.
    if (settings.ROLES.includes('gateway')) await service.removeAccount(DEMO_TENANT_ID, id);
  }
  return isNew;
}
