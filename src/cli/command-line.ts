import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { App } from '../compose/compose.js';
import { loadSettings, type Settings } from '../config/index.js';
import type { I18n, Translate } from '../contracts/i18n.js';
import type { Logger } from '../contracts/runtime.js';
import type { TenantScope } from '../contracts/stores.js';
import { createI18n } from '../i18n/index.js';
import { projectRoot } from '../lib/project-root.js';
import { createLogger } from '../telemetry/index.js';
import { CliError } from './cli-error.js';
import { Verb } from './verb.js';

const STOP_GRACE_MS = 3_000;

/** What the verbs share: settings, language, and the composed service while a verb runs. */
export class CommandLine {
  readonly #i18n: I18n = createI18n({ folder: join(projectRoot, 'locales') });
  readonly t: Translate;

  constructor(language: string | undefined) {
    this.t = this.#i18n.translator(this.#i18n.match(language) ?? 'en');
  }

  /** Throws `SettingsError`. */
  settings(): Settings {
    return loadSettings();
  }

  logger(settings: Settings): Logger {
    const level = settings.LOG_LEVEL === 'info' ? 'warn' : settings.LOG_LEVEL;
    return createLogger({ level, format: settings.LOG_FORMAT, toStandardError: true });
  }

  /** Joins the store of a running service, or opens it; starts nothing of the service itself. */
  withApp<Result>(work: (app: App) => Promise<Result>): Promise<Result> {
    return this.withComposed(this.settings(), work);
  }

  async withComposed<Result>(settings: Settings, work: (app: App) => Promise<Result>): Promise<Result> {
    // Imported late, so that help and usage errors appear at once.
    const { loadApp } = await import('../compose/load-app.js');
    const app = await loadApp(settings, this.logger(settings));
    try {
      return await work(app);
    } finally {
      await Promise.all([app.worker.stop(STOP_GRACE_MS), app.queue.stop(STOP_GRACE_MS)]);
      await app.close();
    }
  }

  withTenant<Result>(id: string, work: (app: App, scope: TenantScope) => Promise<Result>): Promise<Result> {
    return this.withApp(async (app) => {
      const scope = await app.service.scope(id);
      if (scope === undefined) throw new CliError('failed', this.t('terminal.unknownTenant', { tenant: id }));
      return work(app, scope);
    });
  }

  /** Like `withTenant`, for changes: notes the change in the business's audit log once it is done. */
  changeTenant<Result>(
    id: string,
    action: string,
    work: (app: App, scope: TenantScope) => Promise<Result>,
    targetOf: (result: Result) => string | undefined = () => undefined,
  ): Promise<Result> {
    return this.withTenant(id, async (app, scope) => {
      const result = await work(app, scope);
      const target = targetOf(result);
      await app.audit.note(scope, {
        actor: { type: 'command-line' },
        action,
        ...(target === undefined ? {} : { target }),
      });
      return result;
    });
  }

  noun(name: string, description: string): Command {
    return new Command(name).description(description);
  }

  /** Creates a verb with the options common to all verbs. */
  verb(name: string, description: string, locale = this.t('cli.option.locale')): Verb {
    return new Verb(name)
      .description(description)
      .option('--json', this.t('cli.option.json'))
      .addOption(new Option('--locale <locale>', locale).choices(this.#i18n.locales));
  }

  /** Creates a verb that works on one tenant. */
  tenantVerb(name: string, description: string): Verb {
    return this.verb(name, description).requiredOption('--tenant <id>', this.t('cli.option.tenant'));
  }
}
