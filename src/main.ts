import { loadSettings, SettingsError } from './config/index.js';
import { compose } from './compose/compose.js';
import { runService } from './compose/run-service.js';
import { createLogger } from './telemetry/index.js';

const EXIT_WRONG_USE = 2;

try {
  const settings = loadSettings();
  const logger = createLogger({ level: settings.LOG_LEVEL, format: settings.LOG_FORMAT });
  await runService(await compose(settings, logger));
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = EXIT_WRONG_USE;
}
