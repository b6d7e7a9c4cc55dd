import { describe, expect, it } from 'vitest';
import type { CommandFile, CommandOptions } from '../../src/contracts/command.js';
import { nearest } from '../../src/conversation/commands/nearest.js';
import { readOptions, type GivenOptions } from '../../src/conversation/commands/read-options.js';

const description = 'command.kb.title';
const options: CommandOptions = {
  name: { type: 'text', description },
  count: { type: 'integer', min: 1, max: 9, description },
  price: { type: 'number', description },
  open: { type: 'boolean', description },
  mode: {
    type: 'choice',
    description,
    choices: [{ value: 'fast', label: description, aliases: ['cepat'] }],
  },
  note: { type: 'text', description, maxLength: 40 },
};
const pair: CommandOptions = {
  question: { type: 'text', until: '|', required: true, description },
  answer: { type: 'text', required: true, description },
};

const nobody = {
  contacts: () => Promise.resolve([]),
  leading: () => Promise.resolve(undefined),
  attended: () => Promise.resolve(undefined),
  conversation: () => Promise.resolve(undefined),
};

function file(fileName: string): CommandFile {
  const download = () => Promise.resolve(new Uint8Array());
  return { type: 'file', kind: 'document', reference: fileName, fileName, download };
}

async function read(definition: CommandOptions, argumentText: string, input: Partial<GivenOptions> = {}) {
  const outcome = await readOptions(definition, { argumentText, files: [], ...input }, nobody);
  return outcome.type === 'values' ? outcome.values : outcome.problem;
}

describe('the arguments of a command', () => {
  it('are assigned to the options in order, and the rest goes to the last text option', async () => {
    expect(await read(options, 'kain 3 12,5 ya cepat dua  baris\nlagi')).toEqual({
      name: 'kain',
      count: 3,
      price: 12.5,
      open: true,
      mode: 'fast',
      note: 'dua  baris\nlagi',
    });
  });

  it('keep quoted words together, including the curly quotes of phones', async () => {
    expect(await read(options, '"kain batik" 3')).toEqual({ name: 'kain batik', count: 3 });
    expect(await read(options, '“kain batik” 3')).toEqual({ name: 'kain batik', count: 3 });
    expect(await read(options, '"say \\"hi\\"" 3')).toEqual({ name: 'say "hi"', count: 3 });
  });

  it('end a web address at the end of its word, so that options may follow it', async () => {
    const line = { ...pair, answer: { type: 'text', description }, times: { type: 'integer', description } };
    expect(await read(line as CommandOptions, 'https://shop.example/a?b=c times=2')).toEqual({
      question: 'https://shop.example/a?b=c',
      times: 2,
    });
    expect(await read(pair, 'https://shop.example is what? | Our page.')).toEqual({
      question: 'https://shop.example is what?',
      answer: 'Our page.',
    });
  });

  it('may be given by name in any order, and a text keeps its own equals signs', async () => {
    expect(await read(options, 'price=7 kain count=2 note=a = b')).toEqual({
      price: 7,
      name: 'kain',
      count: 2,
      note: 'a = b',
    });
    expect(await read(pair, 'apakah x=1? | ya, x=1')).toEqual({ question: 'apakah x=1?', answer: 'ya, x=1' });
  });

  it('set an unlisted option only by name', async () => {
    const hidden: CommandOptions = {
      text: { type: 'text', description },
      from: { type: 'text', unlisted: true, description },
    };
    expect(await read(hidden, 'one two')).toEqual({ text: 'one two' });
    expect(await read(hidden, 'from=t_1')).toEqual({ from: 't_1' });
  });

  it('are split into two texts at a bar', async () => {
    expect(await read(pair, 'Ada parkir? | Ada | luas.')).toEqual({
      question: 'Ada parkir?',
      answer: 'Ada | luas.',
    });
    expect(await read(pair, '"Ada parkir?" Ada.')).toEqual({ question: 'Ada parkir?', answer: 'Ada.' });
    expect(await read(pair, 'Ada parkir?')).toEqual({ type: 'missing', name: 'answer' });
    expect(await read(pair, '| Ada.')).toEqual({ type: 'missing', name: 'question' });
  });

  it.each([
    ['kain x', { type: 'not-a-number', name: 'count', typed: 'x', whole: true }],
    ['kain 10', { type: 'out-of-range', name: 'count', min: 1, max: 9 }],
    ['kain 1 1e5', { type: 'not-a-number', name: 'price', typed: '1e5', whole: false }],
    ['kain 1 1 mungkin', { type: 'not-yes-or-no', name: 'open', typed: 'mungkin' }],
    ['kain 1 1 ya fsat', { type: 'not-a-choice', name: 'mode', typed: 'fsat', meant: 'fast' }],
    ['kain 1 1 ya toString', { type: 'not-a-choice', name: 'mode', typed: 'toString' }],
    [`note=${'x'.repeat(41)}`, { type: 'too-long', name: 'note', length: 41, maxLength: 40 }],
  ])('report exactly one problem: %s', async (line, problem) => {
    expect(await read(options, line)).toEqual(problem);
  });

  it('are refused if words are left over, unless the command takes no options at all', async () => {
    const count: CommandOptions = { count: { type: 'integer', description } };
    expect(await read(count, '3 and more')).toEqual({ type: 'left-over', text: 'and more' });
    expect(await read({}, 'please')).toEqual({});
  });

  it('may name a record with spaces if that is the last option', async () => {
    const queries: string[] = [];
    const find = {
      ...nobody,
      conversation: (typed: string) => {
        queries.push(typed);
        return Promise.resolve(undefined);
      },
    };
    const who: CommandOptions = { conversation: { type: 'conversation', description } };
    const input = { argumentText: 'Budi Santoso', files: [] };
    expect(await readOptions(who, input, find)).toMatchObject({ problem: { type: 'not-found' } });
    expect(queries).toEqual(['Budi Santoso']);
  });
});

describe('named options from a platform', () => {
  it('are validated like typed ones, and the typed line is ignored', async () => {
    const input = { options: { name: 'a | b "c"', count: 3, price: 1.5, open: false } };
    expect(await read(options, 'shown only', input)).toEqual({
      name: 'a | b "c"',
      count: 3,
      price: 1.5,
      open: false,
    });
    expect(await read(options, '', { options: { count: 30 } })).toMatchObject({ type: 'out-of-range' });
    expect(await read(options, '', { options: { constructor: 'x' } })).toEqual({
      type: 'unknown-option',
      name: 'constructor',
    });
  });
});

describe('attached files', () => {
  it('are assigned to the file options in order', async () => {
    const one: CommandOptions = {
      first: { type: 'file', required: true, description },
      others: { type: 'file', many: true, description },
    };
    const files = [file('a'), file('b'), file('c')];
    expect(await read(one, '', { files })).toEqual({ first: files[0], others: [files[1], files[2]] });
    expect(await read(one, '')).toEqual({ type: 'missing', name: 'first' });
  });
});

describe('the nearest command name', () => {
  it.each([
    ['hlep', 'help'],
    ['stat', 'status'],
    ['takover', 'takeover'],
    ['unansered', 'unanswered'],
    ['frobnicate', undefined],
    ['', undefined],
  ])('for %s is %s', (typed, expected) => {
    expect(nearest(typed, ['help', 'status', 'takeover', 'unanswered', 'kb'])).toBe(expected);
  });
});
