import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadSettings, SettingsError } from '../../src/config/index.js';

const folder = mkdtempSync(join(tmpdir(), 'sapa-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function envFile(text: string): string {
  const file = join(folder, '.env');
  writeFileSync(file, text);
  return file;
}
const NONE = join(folder, 'none');

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadSettings(environment, NONE);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('settings', () => {
  it('have working defaults', () => {
    const settings = loadSettings({}, NONE);
    expect(settings).toMatchObject({ HOST: '127.0.0.1', PORT: 8000, DATA_DIR: './data', SEED_DEMO: true });
    expect(settings.ROLES).toEqual(['gateway', 'worker', 'api']);
    expect(settings.MONGODB_URI).toBeUndefined();
  });

  it('are all reported at once if invalid, by name and never by value', () => {
    const problems = problemsOf({
      PORT: '70000',
      ROLES: 'gateway,king',
      SAPA_MASTER_KEY: 'c2VjcmV0LXRoYXQtaXMtc2hvcnQ=',
      API_KEY: 'my-short-secret',
      LLM_SERVERS: '{"secret":',
      TELEGRAM_BOT_TOKEN: 'my-secret-token',
      PUBLIC_URL: 'ftp://secret.example',
      SEED_DEMO: 'maybe-secret',
    });
    const names = problems.map((line) => line.split(/[.:]/)[0]);
    expect(new Set(names)).toEqual(
      new Set([
        'PORT',
        'ROLES',
        'SAPA_MASTER_KEY',
        'API_KEY',
        'LLM_SERVERS',
        'TELEGRAM_BOT_TOKEN',
        'PUBLIC_URL',
        'SEED_DEMO',
      ]),
    );
    expect(problems.join('\n')).not.toMatch(/my-|secret\.example|maybe|c2Vj|king/);
  });

  it('are reported with what to do about them', () => {
    expect(
      problemsOf({ PORT: 'http', CORS_ORIGINS: '*,shop.example', EMBEDDING_PROVIDER: 'openai', ROLES: 'x' }),
    ).toEqual([
      'PORT: must be a number from 0 to 65535',
      expect.stringMatching(/^ROLES/),
      'CORS_ORIGINS.1: must be * or an origin like https://shop.example',
      'OPENAI_API_KEY: is needed with EMBEDDING_PROVIDER=openai',
    ]);
    expect(problemsOf({ EMBEDDING_PROVIDER: 'gemini' })).toEqual([
      'GEMINI_API_KEY: is needed with EMBEDDING_PROVIDER=gemini',
    ]);
  });

  it('count as unset if they are empty or blank', () => {
    const settings = loadSettings({ PORT: '', MONGODB_URI: '  ', API_KEY: '', ROLES: ' ' }, NONE);
    expect(settings).toMatchObject({ PORT: 8000 });
    expect(settings.MONGODB_URI).toBeUndefined();
    expect(settings.API_KEY).toBeUndefined();
  });

  it('from the environment take precedence over the .env file', () => {
    const file = envFile('PORT=9001\nHOST=0.0.0.0\nLOG_LEVEL="debug" # loud\n');
    expect(loadSettings({ PORT: '9002' }, file)).toMatchObject({
      PORT: 9002,
      HOST: '0.0.0.0',
      LOG_LEVEL: 'debug',
    });
  });

  it('accept lists, URLs and flags as people write them', () => {
    const settings = loadSettings(
      {
        ROLES: ' worker , api,',
        PUBLIC_URL: 'https://sapa.example///',
        TRUST_PROXY: '1',
        LLM_CHAIN: 'a:b, extractive',
        CORS_ORIGINS: 'https://Shop.example/, http://localhost:3000',
      },
      NONE,
    );
    expect(settings).toMatchObject({
      ROLES: ['worker', 'api'],
      PUBLIC_URL: 'https://sapa.example',
      TRUST_PROXY: 1,
      LLM_CHAIN: ['a:b', 'extractive'],
      CORS_ORIGINS: ['https://shop.example', 'http://localhost:3000'],
    });
  });
});
