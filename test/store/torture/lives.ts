import { MongoClient } from 'mongodb';
import { startStoreProcess, type StoreProcess } from '../embedded/child.js';

/** What waits for the store no longer than that is soon told that it is gone. Milliseconds. */
const IMPATIENT_MS = 300;
/** For what looks at the store after a kill, also on a busy machine. Milliseconds. */
export const PATIENT_MS = 20_000;

/** A store that is killed again and again, and comes back. */
export interface Lives {
  /** The process that lives now. */
  readonly process: StoreProcess;
  readonly uri: string;
  /** How often it was killed. */
  readonly kills: number;
  /** Kills it with no warning and opens the store again. */
  kill(): Promise<void>;
  /** A client that tries nothing again by itself. */
  client(patienceMs?: number): MongoClient;
  end(): Promise<void>;
}

export async function startLives(dataDir: string): Promise<Lives> {
  let process = startStoreProcess(dataDir);
  let { uri } = await process.opened;
  let kills = 0;
  return {
    get process() {
      return process;
    },
    get uri() {
      return uri;
    },
    get kills() {
      return kills;
    },
    async kill() {
      await process.end('SIGKILL');
      kills += 1;
      process = startStoreProcess(dataDir);
      ({ uri } = await process.opened);
    },
    client: (patienceMs = IMPATIENT_MS) =>
      new MongoClient(uri, {
        retryReads: false,
        retryWrites: false,
        serverSelectionTimeoutMS: patienceMs,
        socketTimeoutMS: 20_000,
      }),
    end: () => process.end('SIGTERM'),
  };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
