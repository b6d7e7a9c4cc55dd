import { compose } from './compose/compose.js';
import { runService } from './compose/run-service.js';
import { startFailure } from './compose/start-failure.js';
import { loadSettings } from './config/index.js';
import { createLogger } from './telemetry/index.js';

try {
  const settings = loadSettings();
  const logger = createLogger({ level: settings.LOG_LEVEL, format: settings.LOG_FORMAT });
  await runService(await compose(settings, logger));
} catch (error) {
  const { message, exitCode } = startFailure(error);
  process.stderr.write(`${message}\n`);
  // What was started before the failure would keep the process alive.
  process.exit(exitCode);
}
