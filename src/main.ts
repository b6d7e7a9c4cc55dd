import { loadApp } from './compose/load-app.js';
import { startFailure } from './compose/start-failure.js';
import { stopSignals } from './compose/stop-signals.js';
import { loadSettings } from './config/index.js';
import { createLogger } from './telemetry/create-logger.js';

try {
  const stopping = stopSignals();
  const settings = loadSettings();
  const logger = createLogger({ level: settings.LOG_LEVEL, format: settings.LOG_FORMAT });
  const [app, { runService }] = await Promise.all([
    loadApp(settings, logger),
    import('./compose/run-service.js'),
  ]);
  await runService(app, stopping);
} catch (error) {
  const { message, exitCode } = startFailure(error);
  process.stderr.write(`${message}\n`);
  // What was started before the failure would keep the process alive.
  process.exit(exitCode);
}
