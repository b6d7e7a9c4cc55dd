import { join } from 'node:path';
import { compiledEntry } from '../../../src/lib/project-root.js';
import { readRecording, recordingFetch, replayingFetch, vendorsOf } from './exchanges.js';

/** Environment variables of a service whose exchanges with its vendors are recorded or replayed. */
export function hookVariables(
  mode: 'record' | 'replay',
  { file, model }: { readonly file: string; readonly model: string },
): Readonly<Record<string, string>> {
  return {
    NODE_OPTIONS: `--import ${compiledEntry(join('test/eval/models', 'exchange-hook.js')).href}`,
    EVAL_EXCHANGES: mode,
    EVAL_EXCHANGES_FILE: file,
    EVAL_EXCHANGES_MODEL: model,
    // A recording has no vectors.
    EMBEDDING_PROVIDER: 'builtin',
  };
}

// Loaded into the service before anything else, because every vendor's client calls the global `fetch`.
const {
  EVAL_EXCHANGES: mode,
  EVAL_EXCHANGES_FILE: file = '',
  EVAL_EXCHANGES_MODEL: model = '',
} = process.env;
if (mode === 'record') {
  globalThis.fetch = recordingFetch(globalThis.fetch, { file, model, vendors: vendorsOf(process.env) });
} else if (mode === 'replay') {
  globalThis.fetch = replayingFetch(globalThis.fetch, {
    exchanges: readRecording(file).exchanges.filter((exchange) => exchange.model === model),
    vendors: vendorsOf(process.env),
    onMissing: (question) => console.error(`not in the recording: ${question}`),
  });
}
