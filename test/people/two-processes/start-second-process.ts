import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { compiledEntry } from '../../../src/lib/project-root.js';
import type { TestStore } from '../../fakes/test-store.js';
import type { Work } from './piece-of-work.js';
import type { Order, Report } from './second-process.js';

/** An operation of the second process that stopped before a write. */
export interface StoppedWork {
  /** Continues it; resolves when it has ended. */
  goOn(): Promise<void>;
}

export interface SecondProcess {
  /** `undefined`: the operation ended before that step. Rejects if it failed. */
  begin(work: Work, atStep: number): Promise<StoppedWork | undefined>;
  /** Kills the process as a power failure would, whatever is stopped in it. */
  kill(): Promise<void>;
}

export async function startSecondProcess(
  { options, uri }: TestStore,
  tenantId: string,
): Promise<SecondProcess> {
  const child = fork(fileURLToPath(compiledEntry('test/people/two-processes/second-process.js')));
  const reports: Report[] = [];
  const waiting = new Set<() => void>();
  child.on('message', (message: Report) => {
    reports.push(message);
    for (const look of waiting) look();
  });
  const send = (order: Order): boolean => child.send(order);
  /** Resolves with the first matching report and removes it. */
  const reported = (isIt: (report: Report) => boolean): Promise<Report> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const index = reports.findIndex(isIt);
        const [report] = index === -1 ? [] : reports.splice(index, 1);
        if (report === undefined) return;
        waiting.delete(look);
        if (report.type === 'failed') reject(new Error(report.message));
        else resolve(report);
      };
      waiting.add(look);
      look();
    });

  const { serviceDatabase = '', databasePrefix = '' } = options;
  const masterKey = Buffer.from(options.masterKey).toString('base64');
  send({ type: 'open', uri, masterKey, serviceDatabase, databasePrefix, tenantId });
  await reported(({ type }) => type === 'open');
  let count = 0;
  return {
    async begin(work, atStep) {
      count += 1;
      const number = count;
      const ofThis = (report: Report): boolean => report.type !== 'open' && report.number === number;
      send({ type: 'begin', number, atStep, work });
      if ((await reported(ofThis)).type === 'done') return undefined;
      return {
        async goOn() {
          send({ type: 'go-on', number });
          await reported(ofThis);
        },
      };
    },
    async kill() {
      if (child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}
