import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../../src/lib/project-root.js';

interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The stages of the Dockerfile as lists of instructions, with continuation lines joined. */
function readStages(): Instruction[][] {
  const source = readFileSync(join(projectRoot, 'Dockerfile'), 'utf8');
  const stages: Instruction[][] = [];
  const lines = source
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n');
  for (const line of lines.filter((each) => each.trim() !== '')) {
    const [, name = '', text = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, text: text.replace(/\s+/g, ' ').trim() });
  }
  return stages;
}

const [build = [], final = []] = readStages();
const texts = (stage: readonly Instruction[], name: string): string[] =>
  stage.filter((instruction) => instruction.name === name).map(({ text }) => text);
const copies = texts(build, 'COPY').map((text) => {
  const paths = text.split(' ');
  return { sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
});

const folders: string[] = [];
const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'sapa-image-'));
  folders.push(folder);
  return folder;
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Performs the COPY instructions of the build stage in an empty folder. */
function copySources(): string {
  const folder = temporaryFolder();
  for (const { sources, target } of copies) {
    for (const source of sources) {
      const to = target.endsWith('/') ? join(folder, target, source) : join(folder, target);
      mkdirSync(dirname(to), { recursive: true });
      cpSync(join(projectRoot, source), to, { recursive: true });
    }
  }
  return folder;
}

describe('the Docker image', () => {
  it('is built from files that exist and that the build context includes', () => {
    const allowed = readFileSync(join(projectRoot, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const sources = copies.flatMap((copy) => copy.sources);
    expect(sources.filter((source) => !existsSync(join(projectRoot, source)))).toEqual([]);
    expect([...sources].sort()).toEqual([...allowed].sort());
  });

  it('builds what it starts from the copied files alone', () => {
    const folder = copySources();
    symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
    const [command = '', ...more] = texts(build, 'RUN').filter((text) => text.includes('build.mjs'));
    expect(more).toEqual([]);
    execFileSync('sh', ['-c', command], { cwd: folder });
    const [start = '[]'] = texts(final, 'CMD');
    const [program, entry = ''] = z.array(z.string()).parse(JSON.parse(start));
    expect(program).toBe('node');
    expect(statSync(join(folder, entry)).size).toBeGreaterThan(0);
  });

  it('keeps only the onnxruntime library for its own system', () => {
    const folder = temporaryFolder();
    const bin = 'node_modules/onnxruntime-node/bin';
    const installed = readdirSync(join(projectRoot, bin), { recursive: true, encoding: 'utf8' }).filter(
      (path) => statSync(join(projectRoot, bin, path)).isDirectory(),
    );
    for (const path of installed) mkdirSync(join(folder, bin, path), { recursive: true });
    const command = texts(build, 'RUN').find((text) => text.includes('onnxruntime')) ?? '';
    execFileSync('sh', ['-c', command], { cwd: folder });
    const paths = readdirSync(join(folder, bin), { recursive: true, encoding: 'utf8' });
    expect(paths.filter((path) => path.split('/').length === 3)).toEqual(
      installed.filter((path) => path.endsWith(`/linux/${process.arch}`)),
    );
  });

  it('runs as an unprivileged user with its data in a volume', () => {
    expect(texts(final, 'USER')).toEqual(['node']);
    expect(texts(final, 'VOLUME')).toEqual(['/data']);
    const order = final.map(({ name }) => name);
    expect(order.indexOf('USER')).toBeLessThan(order.indexOf('CMD'));
    const environment = texts(final, 'ENV').join(' ');
    for (const setting of ['NODE_ENV=production', 'HOST=0.0.0.0', 'DATA_DIR=/data']) {
      expect(environment).toContain(setting);
    }
  });

  it('contains no secret settings', () => {
    const all = [...build, ...final].filter(({ name }) => name === 'ENV' || name === 'ARG');
    expect(all.filter(({ text }) => /KEY|TOKEN|PASSWORD|SECRET/.test(text))).toEqual([]);
  });

  it.each([
    [200, 0],
    [503, 1],
  ])('maps a response of %i to exit code %i in its health check', async (status, exitCode) => {
    const [check = ''] = texts(final, 'HEALTHCHECK');
    const [, json = '[]'] = /CMD (\[.*\])$/.exec(check) ?? [];
    const [program = '', ...args] = z.array(z.string()).parse(JSON.parse(json));
    const urls: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      urls.push(request.url);
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const run = promisify(execFile)(program, args, { env: { ...process.env, PORT: String(port) } });
      const code = await run.then(
        () => 0,
        (error: { code: number }) => error.code,
      );
      expect(code).toBe(exitCode);
      expect(urls).toEqual(['/health']);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
