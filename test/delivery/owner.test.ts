import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { expect, it } from 'vitest';
import { isDeadNeighbour, ownerOfThisProcess } from '../../src/delivery/index.js';

const onLinux = process.platform === 'linux';

function startSleeper() {
  return spawn(process.execPath, ['-e', 'process.stdout.write("up"); setInterval(() => {}, 1000)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

it('considers its own process alive', () => {
  expect(isDeadNeighbour(ownerOfThisProcess('x'))).toBe(false);
});

it('distinguishes two starts of one process', () => {
  expect(ownerOfThisProcess('x')).not.toBe(ownerOfThisProcess('y'));
});

it('considers a process on this host dead once it is killed, not before', async () => {
  const child = startSleeper();
  await once(child.stdout, 'data');
  const owner = [hostname(), child.pid, '-', 'x'].join('|');
  expect(isDeadNeighbour(owner)).toBe(false);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect(isDeadNeighbour(owner)).toBe(true);
});

it.runIf(onLinux)('considers an owner dead if its process id now belongs to a later process', () => {
  const [host, pid] = ownerOfThisProcess('x').split('|');
  expect(isDeadNeighbour([host, pid, '1', 'x'].join('|'))).toBe(true);
});

it.runIf(onLinux)('considers a killed process dead even if its parent has not reaped it', async () => {
  // The shell is replaced by a program that never reads its child's exit code.
  const script = 'sleep 0.1 & echo $!; exec sleep 30';
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [line] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string];
    const owner = [hostname(), line.trim(), '-', 'x'].join('|');
    await expect.poll(() => isDeadNeighbour(owner), { timeout: 10_000 }).toBe(true);
    expect(() => process.kill(Number(line), 0)).not.toThrow();
  } finally {
    parent.kill('SIGKILL');
  }
});

it.each([
  'elsewhere|1|5|x',
  `${hostname()}|zero|5|x`,
  `${hostname()}|0|-|x`,
  `${hostname()}|-1|-|x`,
  hostname(),
  '',
])('does not consider an owner dead that it cannot check: %s', (owner) => {
  expect(isDeadNeighbour(owner)).toBe(false);
});
