import { userInfo } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runTerminal } from '../channels/terminal/index.js';
import { languageOf } from './cli/language-of.js';
import { failureText } from './cli/plain-reason.js';
import { loadApp } from './compose/load-app.js';
import { loadSettings, SettingsError } from './config/index.js';
import type { I18n, Translate } from './contracts/i18n.js';
import { createI18n } from './i18n/index.js';
import { makeId } from './lib/ids/make-id.js';
import { projectRoot } from './lib/project-root.js';
import { waitForSample } from './seed/wait-for-sample.js';
import { DEMO_TENANT_ID, seedDemo } from './seed/seed-demo.js';
import { createLogger } from './telemetry/index.js';

const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;
const STOP_GRACE_MS = 3_000;

/** `npm run chat -- [--tenant demo] [--locale id]`: the terminal channel against the same data. */
async function chat(words: readonly string[], { i18n, t }: Language): Promise<number> {
  const { tenant, help, locale: wished } = wishes(words);
  if (help) {
    const locales = i18n.locales.join(', ');
    process.stdout.write(`${t('terminal.help', { tenant: DEMO_TENANT_ID, locales })}\n`);
    return 0;
  }
  const locale = i18n.match(wished);
  if (wished !== undefined && locale === undefined) {
    process.stderr.write(`${t('terminal.wrongLocale', { locales: i18n.locales.join(', ') })}\n`);
    return EXIT_WRONG_USE;
  }
  const settings = loadSettings();
  const level = settings.LOG_LEVEL === 'info' ? 'warn' : settings.LOG_LEVEL;
  const logger = createLogger({ level, format: settings.LOG_FORMAT, toStandardError: true });
  const app = await loadApp(settings, logger);
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  try {
    const isNewSample = settings.SEED_DEMO && (await seedDemo({ ...app, signal: stopping.signal }));
    await app.queue.start(app.jobs);
    app.worker.start({ sweeps: false });
    if (isNewSample) await waitForSample({ ...app, signal: stopping.signal });
    const scope = await app.service.scope(tenant);
    if (scope === undefined) {
      process.stderr.write(`${t('terminal.unknownTenant', { tenant })}\n`);
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
      welcome: t('terminal.welcome', { business: scope.settings.name }),
      signal: stopping.signal,
    });
    return 0;
  } finally {
    await Promise.all([app.worker.stop(STOP_GRACE_MS), app.queue.stop(STOP_GRACE_MS)]);
    await app.close();
  }
}

interface Language {
  readonly i18n: I18n;
  readonly t: Translate;
}

function wishes(words: readonly string[]) {
  const { values } = parseArgs({
    args: [...words],
    options: {
      tenant: { type: 'string', default: DEMO_TENANT_ID },
      locale: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return values;
}

/** Runs the chat and returns the exit code: 0, 1 (failed), 2 (wrong use or wrong settings). */
async function run(words: readonly string[]): Promise<number> {
  const i18n = createI18n({ folder: join(projectRoot, 'locales') });
  const t = i18n.translator(i18n.match(languageOf(words)) ?? 'en');
  try {
    return await chat(words, { i18n, t });
  } catch (error) {
    const isArgument = error instanceof TypeError && 'code' in error;
    process.stderr.write(`${isArgument ? t('terminal.wrongUse') : failureText(error, t)}\n`);
    return isArgument || error instanceof SettingsError ? EXIT_WRONG_USE : EXIT_FAILED;
  }
}

process.exitCode = await run(process.argv.slice(2));
