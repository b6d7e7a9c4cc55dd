import { expect, it } from 'vitest';
import { OneAtATime, TurnTimeout } from '../../../channels/whatsapp/outbound/one-at-a-time.js';
import { pause } from '../../support/wait.js';

it('runs each task after the one before, even after a failure', async () => {
  const line = new OneAtATime(1_000);
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    await pause(5);
    log.push(`${name} ends`);
    if (name === 'a') throw new Error('a fails');
    return name;
  };
  const [a, b] = await Promise.allSettled([line.run(work('a')), line.run(work('b'))]);
  expect([a.status, b.status]).toEqual(['rejected', 'fulfilled']);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

it('never starts a task that waited too long, and continues with the next one', async () => {
  const line = new OneAtATime(30);
  let isFree: () => void = () => undefined;
  const first = line.run(() => new Promise<void>((resolve) => (isFree = resolve)));
  let hasBegun = false;
  const second = line.run(() => Promise.resolve((hasBegun = true)));
  await expect(second).rejects.toBeInstanceOf(TurnTimeout);
  const third = line.run(() => Promise.resolve('third'));
  isFree();
  await first;
  expect(await third).toBe('third');
  expect(hasBegun).toBe(false);
});
