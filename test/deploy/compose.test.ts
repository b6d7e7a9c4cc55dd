import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { settingsSchema } from '../../src/config/settings-schema.js';
import { projectRoot } from '../../src/lib/project-root.js';

const read = (file: string): string => readFileSync(join(projectRoot, file), 'utf8');

const serviceSchema = z.looseObject({
  image: z.string().optional(),
  build: z.string().optional(),
  hostname: z.string().optional(),
  command: z.unknown().optional(),
  environment: z.record(z.string(), z.string()),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
});
const composeSchema = z.object({
  services: z.object({ app: serviceSchema, mongodb: serviceSchema }),
  volumes: z.record(z.string(), z.null()),
});

describe('docker compose', () => {
  const { services, volumes } = composeSchema.parse(parse(read('docker-compose.yml')));
  const { app, mongodb } = services;

  it('starts the service once the database is healthy', () => {
    expect(app.build).toBe('.');
    expect(app.depends_on).toEqual({ mongodb: { condition: 'service_healthy' } });
    expect(mongodb.image).toMatch(/^mongodb\/mongodb-atlas-local:\d/);
    expect(mongodb.command).toBeUndefined();
  });

  it('gives both containers the same database user and password', () => {
    const uri = app.environment['MONGODB_URI'] ?? '';
    const user = mongodb.environment['MONGODB_INITDB_ROOT_USERNAME'] ?? '';
    const password = mongodb.environment['MONGODB_INITDB_ROOT_PASSWORD'] ?? '';
    expect(uri).toContain(`mongodb://${user}:${password}@${mongodb.hostname ?? ''}:27017/`);
  });

  it('publishes no database port, and the service only on this machine', () => {
    expect(mongodb.ports).toBeUndefined();
    expect(app.ports).toEqual([expect.stringMatching(/^\$\{SAPA_ADDRESS:-127\.0\.0\.1\}:.*:8000$/)]);
  });

  it('keeps all data in named volumes', () => {
    const used = [...app.volumes, ...mongodb.volumes].map((volume) => volume.split(':')[0]);
    expect(used.sort()).toEqual(Object.keys(volumes).sort());
    expect(app.volumes).toContain('data:/data');
  });
});

describe('.env.example', () => {
  const lines = read('.env.example').split('\n');

  it('sets nothing by default', () => {
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
  });

  it('names every setting of the service and of the compose file once', () => {
    const ofCompose = [...read('docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name);
    const ofService = Object.keys(settingsSchema.shape).filter((name) => name !== 'SAPA_CRASH_AT');
    const variables = lines.flatMap((line) => /^# ([A-Z][A-Z_]+)=/.exec(line)?.[1] ?? []);
    expect(variables.sort()).toEqual([...ofService, ...new Set(ofCompose)].sort());
  });
});

describe('continuous integration', () => {
  it('runs everything on the oldest Node and a smoke test on the newest', () => {
    const schema = z.object({
      jobs: z.record(
        z.string(),
        z.object({
          steps: z.array(
            z.looseObject({
              run: z.string().optional(),
              with: z.looseObject({ 'node-version': z.number().optional() }).optional(),
            }),
          ),
        }),
      ),
    });
    const { jobs } = schema.parse(parse(read('.github/workflows/ci.yml')));
    const scripts = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(read('package.json'))).scripts;
    const runs = (job: string): string[] => jobs[job]?.steps.flatMap(({ run }) => run ?? []) ?? [];
    expect(runs('check')).toEqual(['npm ci', 'npm run typecheck', 'npm run lint', 'npm test']);
    const runScripts = Object.keys(jobs)
      .flatMap(runs)
      .flatMap((run) => /npm run (\w+)/.exec(run)?.[1] ?? []);
    expect(runScripts.filter((script) => !(script in scripts))).toEqual([]);
    const versions = Object.values(jobs).flatMap((job) =>
      job.steps.flatMap((step) => step.with?.['node-version'] ?? []),
    );
    expect(versions).toEqual([20, 24]);
  });
});
