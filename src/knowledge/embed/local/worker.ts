// The process that holds the local embedding model. The runtime's memory is freed only when the process ends,
// so it is ended when idle or too big: see local-embedding.ts.
import type { SentenceEncoder, Tokenized } from './sentence-encoder.js';
import type { EmbedRequest, ModelSetup, WorkerReply, WorkerRequest } from './worker-message.js';

interface Work {
  readonly request: EmbedRequest;
  /** In the order of the request's texts. */
  readonly vectors: Float32Array[];
  /** Batches still to run; unknown before the first. */
  batches: Tokenized[][] | undefined;
}

const waiting: Work[] = [];
let encoder: Promise<SentenceEncoder> | undefined;
let running = false;

async function load(setup: ModelSetup): Promise<SentenceEncoder> {
  const { SentenceEncoder } = await import('./sentence-encoder.js');
  return SentenceEncoder.load(setup);
}

async function drain(): Promise<void> {
  if (running) return;
  running = true;
  for (let work = next(); work; work = next()) await advance(work);
  running = false;
}

function next(): Work | undefined {
  return waiting.find(({ request }) => request.urgent) ?? waiting[0];
}

/** Embeds one batch of the work, and replies if it was the last. Urgent work may come in between. */
async function advance(work: Work): Promise<void> {
  const { request, vectors } = work;
  const reply = await step(work);
  if (reply === undefined && work.batches?.length !== 0) return;
  waiting.splice(waiting.indexOf(work), 1);
  send(reply ?? { type: 'embedded', id: request.id, vectors, residentBytes: process.memoryUsage.rss() });
}

async function step(work: Work): Promise<WorkerReply | undefined> {
  const { request, vectors } = work;
  let kind: 'not-installed' | 'rejected' = 'not-installed';
  try {
    const loaded = await encoder;
    if (!loaded) throw new Error('no model is set up');
    kind = 'rejected';
    work.batches ??= loaded.batchesOf(request.texts);
    const batch = work.batches.pop() ?? [];
    const rows = await loaded.run(batch);
    batch.forEach(({ position }, i) => (vectors[position] = rows[i] ?? new Float32Array()));
    return undefined;
  } catch (error) {
    return {
      type: 'failed',
      id: request.id,
      kind,
      message: error instanceof Error ? error.message : 'failed',
    };
  }
}

function send(reply: WorkerReply): void {
  process.send?.(reply);
}

process.on('message', (request: WorkerRequest) => {
  if (request.type === 'setup') {
    encoder = load(request);
    // The failure is reported to each request that needs the model.
    encoder.catch(() => undefined);
    return;
  }
  waiting.push({ request, vectors: [], batches: undefined });
  void drain();
});
process.once('disconnect', () => process.exit(0));
