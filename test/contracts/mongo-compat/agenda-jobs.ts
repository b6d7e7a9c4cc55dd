import { Agenda } from 'agenda';
import { MongoBackend } from '@agendajs/mongo-backend';
import { describe, expect, it } from 'vitest';
import { waitUntil } from '../../support/wait.js';
import type { Server } from './server.js';

export function servesAgenda(server: Server): void {
  describe('Agenda', () => {
    it('runs each job once, with two workers', async () => {
      const { client, db } = server();
      const runs: number[] = [];
      const make = (): Agenda => {
        const backend = new MongoBackend({
          mongo: client.db(db.databaseName),
          collection: 'jobs',
        });
        const agenda = new Agenda({ backend, processEvery: 100 });
        agenda.define<{ i: number }>('k', (job) => {
          runs.push(job.attrs.data.i);
          return Promise.resolve();
        });
        return agenda;
      };
      const workers = [make(), make()];
      const [first] = workers;
      await Promise.all(workers.map(async (worker) => worker.start()));
      await Promise.all(Array.from({ length: 20 }, async (_, i) => first?.now('k', { i })));
      await waitUntil(() => runs.length >= 20);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await Promise.all(workers.map((worker) => worker.stop()));
      expect(runs.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    });
  });
}
