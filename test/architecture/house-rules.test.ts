import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { createChannels } from '../../channels/index.js';
import { commands } from '../../commands/index.js';
import { settingsSchema } from '../../src/config/settings-schema.js';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { projectRoot } from '../../src/lib/project-root.js';
import { importedPackage, importsOf, nodesOf, sourceFiles, type SourceFile } from './source-files.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { LocalWaits } from '../../src/lib/work/local-waits.js';

const product = sourceFiles('src', 'channels', 'commands');
const scripts = sourceFiles('scripts');
const tests = sourceFiles('test');

/** Longer files deal with more than one subject. */
const MOST_LINES = 400;
/**
 * Forbidden by the project's rules: the first is a security risk, the second fetches what strangers link to.
 */
const FORBIDDEN_PACKAGES = ['xlsx', 'link-preview-js'];
const PROVIDERS = ['openai', 'anthropic', 'gemini', 'extractive'];

const channels = createChannels({
  clock: systemClock,
  logger: silentLogger,
  fetch,
  waits: new LocalWaits(systemClock),
});

function callsIn(file: SourceFile): readonly string[] {
  return nodesOf(file.tree).flatMap((node) =>
    ts.isCallExpression(node) && ts.isIdentifier(node.expression) ? [node.expression.text] : [],
  );
}

function stringsIn(file: SourceFile): readonly string[] {
  return nodesOf(file.tree).flatMap((node) => (ts.isStringLiteralLike(node) ? [node.text] : []));
}

describe('contracts', () => {
  it.each(Object.keys(channels))('are checked for the channel %s', (name) => {
    const own = tests.filter(({ path }) => path.startsWith(`test/channels/${name}/`));
    expect(own.flatMap(callsIn)).toContain('channelContract');
  });

  it('are each used by some test', () => {
    const suites = tests
      .filter(({ path }) => path.startsWith('test/contracts/'))
      .flatMap((file) =>
        file.tree.statements.flatMap((statement) =>
          ts.isFunctionDeclaration(statement) && /(?:Contract|Suite)$/.test(statement.name?.text ?? '')
            ? [{ suite: statement.name?.text ?? '', path: file.path }]
            : [],
        ),
      );
    expect(suites.length).toBeGreaterThanOrEqual(8);
    const unused = suites.filter(
      ({ suite, path }) => !tests.some((file) => file.path !== path && callsIn(file).includes(suite)),
    );
    expect(unused).toEqual([]);
  });
});

describe('the core', () => {
  const core = product.filter(({ path }) => /^src\/(?:conversation|delivery)\//.test(path));

  it('names no platform and no model vendor', () => {
    const names = [...Object.keys(channels), 'discord', 'whatsapp', ...PROVIDERS];
    const hits = core.flatMap((file) =>
      stringsIn(file)
        .filter((value) => names.includes(value.toLowerCase()))
        .map((value) => `${file.path}: ${value}`),
    );
    expect(hits).toEqual([]);
  });
});

describe('the source code', () => {
  it('reads the environment only in the settings', () => {
    const reading = product.filter(
      ({ path, tree }) =>
        !path.startsWith('src/config/') &&
        nodesOf(tree).some((node) => ts.isPropertyAccessExpression(node) && node.getText() === 'process.env'),
    );
    expect(reading.map(({ path }) => path)).toEqual([]);
  });

  it(`has no TypeScript file of more than ${MOST_LINES} lines`, () => {
    const long = product.filter(
      ({ path, text }) => path.endsWith('.ts') && text.split('\n').length - 1 > MOST_LINES,
    );
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it('does not bypass the type checker', () => {
    const cheating = product.filter(
      ({ path, tree, text }) =>
        path.endsWith('.ts') &&
        (/@ts-(?:ignore|nocheck|expect-error)|eslint-disable/.test(text) ||
          nodesOf(tree).some(
            (node) =>
              node.kind === ts.SyntaxKind.AnyKeyword ||
              ts.isNonNullExpression(node) ||
              ts.isEnumDeclaration(node),
          )),
    );
    expect(cheating.map(({ path }) => path)).toEqual([]);
  });
});

describe('the npm packages', () => {
  const readJson = (name: string): unknown => JSON.parse(readFileSync(join(projectRoot, name), 'utf8'));
  const { dependencies, devDependencies } = readJson('package.json') as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const packagesOf = (files: readonly SourceFile[]): Set<string> =>
    new Set(
      files
        .flatMap(importsOf)
        .map(importedPackage)
        .filter((name) => name !== undefined)
        .filter((name) => !builtinModules.includes(name)),
    );
  const lock = readJson('package-lock.json') as { packages: Record<string, { resolved?: string }> };

  it('are all declared where they are imported', () => {
    const own = Object.keys(dependencies);
    const missing = [...packagesOf([...product, ...scripts])].filter((name) => !own.includes(name));
    // `mdast` only has types of what the parser returns; the others are needed only by who changes the code.
    expect(missing.filter((name) => !['mdast', 'typescript', 'wabt'].includes(name))).toEqual([]);
  });

  it('are all used', () => {
    const used = packagesOf([...product, ...scripts]);
    const mentioned = new Set([...product, ...scripts].flatMap(stringsIn));
    const unused = Object.keys(dependencies).filter((name) => !used.has(name) && !mentioned.has(name));
    expect(unused).toEqual([]);
  });

  it('have exact versions', () => {
    const all = Object.entries({ ...dependencies, ...devDependencies });
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-rc\d+)?$/.test(version))).toEqual([]);
  });

  it('include none of the unwanted ones, at any depth', () => {
    const installed = Object.keys(lock.packages).map((path) =>
      path.slice(path.lastIndexOf('node_modules/') + 13),
    );
    expect(installed.filter((name) => FORBIDDEN_PACKAGES.includes(name))).toEqual([]);
  });

  it('are locked without a registry address', () => {
    const addresses = Object.values(lock.packages).flatMap(({ resolved }) =>
      resolved === undefined ? [] : [resolved],
    );
    expect(addresses.filter((address) => address.startsWith('http'))).toEqual([]);
  });
});

describe('the public interface', () => {
  /** The first argument of each call of `name`, if it is a string. */
  const namesGivenTo = (name: string): readonly string[] =>
    product.flatMap(({ tree }) =>
      nodesOf(tree).flatMap((node) => {
        if (!ts.isCallExpression(node) || node.expression.getText() !== name) return [];
        const [first] = node.arguments;
        return first && ts.isStringLiteralLike(first) ? [first.text] : [];
      }),
    );

  it('has these chat commands', () => {
    const lines = commands.map(({ name, audience }) => `/${name} (${audience})`);
    expect(lines).toMatchSnapshot();
  });

  it('has these jobs', () => {
    expect(namesGivenTo('defineJob').toSorted()).toMatchSnapshot();
  });

  it('has these settings', () => {
    expect(Object.keys(settingsSchema.shape).sort()).toMatchSnapshot();
    expect(Object.keys(tenantSettingsSchema.shape).sort()).toMatchSnapshot();
  });

  it('has these channels', () => {
    expect(Object.keys(channels)).toMatchSnapshot();
  });
});
