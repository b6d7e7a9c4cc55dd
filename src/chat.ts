import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { runTerminal } from '../channels/terminal/index.js';
import { loadApp } from './compose/load-app.js';
import { loadSettings, SettingsError } from './config/index.js';
import { makeId } from './lib/make-id.js';
import { sampleIsRead } from './seed/sample-is-read.js';
import { DEMO_TENANT_ID, seedDemo } from './seed/seed-demo.js';
import { createLogger } from './telemetry/index.js';

const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;
const STOP_GRACE_MS = 3_000;

/** `npm run chat -- [--tenant demo] [--locale id]`: the terminal channel against the same data. */
async function chat(): Promise<number> {
  const { values } = parseArgs({
    options: { tenant: { type: 'string', default: DEMO_TENANT_ID }, locale: { type: 'string' } },
  });
  const settings = loadSettings();
  const level = settings.LOG_LEVEL === 'info' ? 'warn' : settings.LOG_LEVEL;
  const logger = createLogger({ level, format: settings.LOG_FORMAT, toStandardError: true });
  const app = await loadApp(settings, logger);
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  try {
    const locale = app.i18n.match(values.locale);
    if (values.locale !== undefined && locale === undefined) {
      process.stderr.write(`--locale must be one of ${app.i18n.locales.join(', ')}\n`);
      return EXIT_WRONG_USE;
    }
    const isNewSample = settings.SEED_DEMO && (await seedDemo({ ...app, signal: stopping.signal }));
    await app.queue.start(app.jobs);
    app.worker.start({ sweeps: false });
    if (isNewSample) await sampleIsRead({ ...app, signal: stopping.signal });
    const scope = await app.service.scope(values.tenant);
    const t = app.i18n.translator(locale ?? settings.DEFAULT_LOCALE);
    if (scope === undefined) {
      process.stderr.write(`${t('terminal.unknownTenant', { tenant: values.tenant })}\n`);
      return EXIT_FAILED;
    }
    await runTerminal({
      scope,
      account: { id: 'terminal', tenantId: scope.tenantId, channel: 'terminal', config: {} },
      intake: app.intake,
      makeId,
      input: process.stdin,
      output: process.stdout,
      userId: userInfo().username,
      ...(locale === undefined ? {} : { locale }),
      prompts: { you: t('terminal.you'), bot: scope.settings.name },
      sourcesLabel: t('answer.sources'),
      signal: stopping.signal,
    });
    return 0;
  } finally {
    await Promise.all([app.worker.stop(STOP_GRACE_MS), app.queue.stop(STOP_GRACE_MS)]);
    await app.close();
  }
}

try {
  process.exitCode = await chat();
} catch (error) {
  const isUsage = error instanceof SettingsError || (error instanceof TypeError && 'code' in error);
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = isUsage ? EXIT_WRONG_USE : EXIT_FAILED;
}
