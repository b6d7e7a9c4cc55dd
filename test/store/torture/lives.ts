import { MongoClient } from 'mongodb';
import { startStoreProcess, type StoreProcess } from '../embedded/child.js';

/** Short, so that clients waiting for a killed store fail soon, in ms. */
const IMPATIENT_MS = 300;
/** For clients that check the store after a kill, even on a busy machine, in ms. */
export const PATIENT_MS = 20_000;

/** A store that is killed and restarted repeatedly. */
export interface Lives {
  /** The process running now. */
  readonly process: StoreProcess;
  readonly uri: string;
  /** Number of kills so far. */
  readonly kills: number;
  /** Kills it without warning and opens the store again. */
  kill(): Promise<void>;
  /** A client that retries nothing by itself. */
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
