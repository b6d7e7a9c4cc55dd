import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EmbeddingError } from '../../../contracts/embedding.js';
import { abortReason } from '../../../lib/time/clock.js';
import { compiledEntry } from '../../../lib/project-root.js';
import type { EmbedRequest, ModelSetup, WorkerReply } from './worker-message.js';

interface Pending {
  resolve(vectors: readonly Float32Array[]): void;
  reject(error: Error): void;
}

/** One worker from start to end. It does not keep this process alive while idle. */
export class WorkerProcess {
  private readonly child: ChildProcess;
  private readonly pending = new Map<number, Pending>();
  private readonly ended: Promise<void>;
  private nextId = 1;
  private retired = false;
  /** As of its last reply. */
  residentBytes = 0;

  constructor(setup: ModelSetup) {
    this.child = fork(fileURLToPath(compiledEntry('src/knowledge/embed/local/worker.js')), [], {
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.ended = new Promise((resolve) => this.child.once('exit', () => resolve()));
    this.child.on('message', (reply: WorkerReply) => this.receive(reply));
    this.child.once('exit', () => this.fail());
    this.child.once('error', () => this.fail());
    this.child.send(setup, () => undefined);
    this.holdOrLetGo();
  }

  get isIdle(): boolean {
    return this.pending.size === 0;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null || !this.child.connected;
  }

  embed(texts: readonly string[], urgent: boolean, signal: AbortSignal): Promise<readonly Float32Array[]> {
    const id = this.nextId++;
    const request: EmbedRequest = { type: 'embed', id, texts, urgent };
    return new Promise((resolve, reject) => {
      const onAbort = (): void => this.settle(id)?.reject(abortReason(signal));
      const stopListening = (): void => signal.removeEventListener('abort', onAbort);
      this.pending.set(id, {
        resolve: (vectors) => {
          stopListening();
          resolve(vectors);
        },
        reject: (error) => {
          stopListening();
          reject(error);
        },
      });
      signal.addEventListener('abort', onAbort, { once: true });
      this.holdOrLetGo();
      this.child.send(request, (error) => {
        if (error) this.settle(id)?.reject(exitError());
      });
    });
  }

  /** Takes no more work and ends once its current work is done. */
  retire(): void {
    this.retired = true;
    this.holdOrLetGo();
  }

  /** Ends at once; work in progress fails. Resolves once the process has exited. */
  async close(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  private receive(reply: WorkerReply): void {
    // The caller may have given up waiting.
    const pending = this.settle(reply.id);
    if (reply.type === 'failed') {
      pending?.reject(new EmbeddingError(reply.kind, `local embedding model: ${reply.message}`));
      return;
    }
    this.residentBytes = reply.residentBytes;
    pending?.resolve(reply.vectors);
  }

  private settle(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    this.holdOrLetGo();
    return pending;
  }

  private fail(): void {
    for (const pending of this.pending.values()) pending.reject(exitError());
    this.pending.clear();
  }

  private holdOrLetGo(): void {
    if (!this.isIdle) {
      this.child.ref();
      this.child.channel?.ref();
      return;
    }
    this.child.unref();
    this.child.channel?.unref();
    if (this.retired) this.child.kill('SIGKILL');
  }
}

function exitError(): EmbeddingError {
  return new EmbeddingError('unreachable', 'local embedding model: the worker ended');
}
