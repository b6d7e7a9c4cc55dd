import { expect, it } from 'vitest';
import type { ChainPart } from '../../src/contracts/model.js';
import { endOfBeginning } from '../../src/conversation/beginning.js';
import { PlainSpeakers } from '../../src/conversation/plain-speakers.js';
import { askModel, type Asking } from '../../src/conversation/steps/ask-model.js';

const BY = { provider: 'fake', model: 'm' };
const FIRST = 'Parcels leave the shop on every weekday before noon.';
const attempt: ChainPart = { type: 'attempt', ...BY, groundedOnly: false };
const text = (piece: string): ChainPart => ({ type: 'text-delta', text: piece });
const finish: ChainPart = {
  type: 'finish',
  reason: 'stop',
  rawReason: 'stop',
  usage: { inputTokens: 1, outputTokens: 1 },
};

/** What is sent ahead, and the outcome of the whole answer. */
async function ask(parts: readonly ChainPart[], change: Partial<Asking> = {}, speakers = plain()) {
  const ahead: string[] = [];
  const say = (line: string): Promise<void> => Promise.resolve(void ahead.push(line));
  const asking = {
    chain: {
      async *stream() {
        await Promise.resolve();
        yield* parts;
      },
    },
    leave: (each: string) => each,
    check: () => undefined,
    holdsBack: false,
    state: { emit: () => undefined, t: (key: string) => `<${key}>`, signal: AbortSignal.timeout(5_000) },
    ahead: { limit: 500, speakers, say },
    ...change,
  } as unknown as Asking;
  const { outcome } = await askModel({ system: '', messages: [] } as never, asking);
  return { ahead, outcome };
}

function plain(): PlainSpeakers {
  const speakers = new PlainSpeakers();
  speakers.answered(BY);
  return speakers;
}

it('sends the first paragraph as soon as the next one starts, and the answer starts with it', async () => {
  const { ahead, outcome } = await ask([
    attempt,
    text(FIRST),
    text('\n\nYou'),
    text(' get a number.'),
    finish,
  ]);
  expect(ahead).toEqual([FIRST]);
  expect(outcome).toMatchObject({ text: `${FIRST}\n\nYou get a number.`, ahead: FIRST });
});

it.each([
  ['is short', 'Hello!', undefined],
  ['introduces a list', 'These are the sizes that we have in our shop today:', undefined],
  ['ends inside a code block', '```\nsome lines of code that belong together', undefined],
  ['is longer than a message', 'word '.repeat(200), undefined],
  ['can stand alone', FIRST, FIRST.length],
])('decides whether a paragraph that %s is sent early', (_, paragraph, end) => {
  expect(endOfBeginning(`${paragraph}\n\nAnd so on, a little more of it.`, 500)).toBe(end);
  expect(endOfBeginning(`${paragraph}\n\n`, 500)).toBeUndefined();
});

it('sends nothing early that fails its check, or from a model that is new or thinks aloud', async () => {
  const parts = [attempt, text(`${FIRST}\n\nYou get a number.`), finish];
  expect((await ask(parts, { check: () => 'not so' }).catch(() => ({ ahead: [] }))).ahead).toEqual([]);
  const speakers = new PlainSpeakers();
  expect((await ask(parts, {}, speakers)).ahead).toEqual([]);
  expect((await ask(parts, {}, speakers)).ahead).toEqual([FIRST]);
  speakers.thoughtAloud(BY);
  speakers.answered(BY);
  expect((await ask(parts, {}, speakers)).ahead).toEqual([]);
});

it('leaves out a wrong claim after the early paragraph, and says that the answer was cut short', async () => {
  const check: Asking['check'] = ({ text: draft }) => (draft.includes('IDR 1') ? 'no such price' : undefined);
  const { ahead, outcome } = await ask([attempt, text(`${FIRST}\n\nIt is IDR 1.`), finish], { check });
  expect(ahead).toEqual([FIRST]);
  expect(outcome).toMatchObject({ text: `${FIRST}\n\n<answer.brokenOff>` });
});

it('does not let another model start over once the first paragraph was sent', async () => {
  const restart: ChainPart = { type: 'restart', provider: 'fake', reason: 'overloaded' };
  const other: ChainPart = { ...attempt, provider: 'other', model: 'n' };
  const { outcome } = await ask([attempt, text(`${FIRST}\n\nYou`), restart, other, text('Hi.'), finish]);
  expect(outcome).toMatchObject({ text: `${FIRST}\n\n<answer.brokenOff>` });
});
