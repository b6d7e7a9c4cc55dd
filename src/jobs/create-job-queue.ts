import type { JobQueue } from '../contracts/queue.js';
import type { AgendaQueueDependencies } from './agenda-queue.js';

/** The Agenda-based `JobQueue`; its code is loaded with the first job, to keep startup fast. */
export function createJobQueue(dependencies: AgendaQueueDependencies): JobQueue {
  let opened: Promise<JobQueue> | undefined;
  const open = (): Promise<JobQueue> => {
    opened ??= import('./agenda-queue.js').then(({ AgendaQueue }) => new AgendaQueue(dependencies));
    return opened;
  };
  return {
    enqueue: async (...job) => (await open()).enqueue(...job),
    repeat: async (...job) => (await open()).repeat(...job),
    cancel: async (...job) => (await open()).cancel(...job),
    find: async (...job) => (await open()).find(...job),
    start: async (jobs) => (await open()).start(jobs),
    stop: async (graceMs) => (await opened)?.stop(graceMs),
  };
}
