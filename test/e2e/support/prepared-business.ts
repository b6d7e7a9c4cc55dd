import { cp } from 'node:fs/promises';
import { removeDataDir, startSapa, temporaryDataDir } from './start-sapa.js';

/** The sample business, created once; each test starts with a copy of its data folder. */
export interface PreparedBusiness {
  /** Copies the data folder as a clean stop left it. */
  copy(): Promise<string>;
  close(): Promise<void>;
}

export async function prepareBusiness(): Promise<PreparedBusiness> {
  const sapa = await startSapa();
  await sapa.stop();
  const copies: string[] = [];
  return {
    async copy() {
      const dataDir = await temporaryDataDir();
      copies.push(dataDir);
      // Sockets cannot be copied, and a leftover socket is of no use.
      await cp(sapa.dataDir, dataDir, { recursive: true, filter: (path) => !path.endsWith('.sock') });
      return dataDir;
    },
    async close() {
      for (const dataDir of [sapa.dataDir, ...copies]) await removeDataDir(dataDir);
    },
  };
}
