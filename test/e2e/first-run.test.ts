import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoQuestions } from '../fixtures/demo-questions.js';
import { bePatient } from './support/be-patient.js';
import type { ChatAnswer, SapaClient } from './support/http-client.js';
import { answerSchema, waitForSample, sapaClient } from './support/http-client.js';
import { eventsOf, readEvents } from './support/read-events.js';
import type { RunningSapa } from './support/start-sapa.js';
import { removeDataDir, startSapa } from './support/start-sapa.js';
import { eventually } from '../support/wait.js';

bePatient();

const LEAST_RIGHT = 0.8;

/** Whether the answer is not a fallback and matches the pattern of the question. */
function isRight(answer: ChatAnswer, question: (typeof demoQuestions.answerable)[number]): boolean {
  return answer.source !== 'fallback' && new RegExp(question.pattern, 'isu').test(answer.answer);
}

/** Whether the answer is right, either directly or as one of the choices offered. */
async function isAnswered(
  demo: SapaClient,
  question: (typeof demoQuestions.answerable)[number],
  user_id: string,
): Promise<boolean> {
  const answer = await demo.chat(question.question, { user_id });
  if (isRight(answer, question)) return true;
  for (const { send } of answer.choices ?? []) {
    if (isRight(await demo.chat(send, { user_id }), question)) return true;
  }
  return false;
}

describe('the service on an empty folder', () => {
  let sapa: RunningSapa;
  let demo: SapaClient;
  beforeAll(async () => {
    sapa = await startSapa();
    demo = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' });
    await waitForSample(demo);
  });
  afterAll(async () => {
    await sapa.stop();
    await removeDataDir(sapa.dataDir);
  });

  it('is ready, and tells where the admin key is without revealing it', async () => {
    const anybody = sapaClient({ url: sapa.url });
    expect((await anybody.call('GET', '/health')).body).toEqual({ status: 'ok' });
    expect((await anybody.call('GET', '/ready')).status).toBe(200);
    const keyFile = join(sapa.dataDir, 'admin-key');
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
    expect((await stat(join(sapa.dataDir, 'master-key'))).mode & 0o777).toBe(0o600);
    expect(sapa.output()).toContain(keyFile);
    expect(sapa.output()).not.toContain(sapa.adminKey);
    expect(sapa.output()).not.toContain((await readFile(join(sapa.dataDir, 'master-key'), 'utf8')).trim());
  });

  it('answers what customers of the sample business ask, from the right source', async () => {
    const wrong: unknown[] = [];
    for (const [index, question] of demoQuestions.answerable.entries()) {
      if (!(await isAnswered(demo, question, `customer-${index}`))) wrong.push(question.question);
    }
    const right = demoQuestions.answerable.length - wrong.length;
    expect(right, JSON.stringify(wrong, undefined, 1)).toBeGreaterThanOrEqual(
      LEAST_RIGHT * demoQuestions.answerable.length,
    );
  });

  it('honestly declines what the sample business cannot know, and cites nothing', async () => {
    const refused: string[] = [];
    const answeredQuestions: string[] = [];
    for (const [index, { question, locale }] of demoQuestions.unanswerable.entries()) {
      const answer = await demo.chat(question, { user_id: `stranger-${index}` });
      expect(answer.locale, question).toBe(locale);
      if (answer.source === 'faq' || answer.source === 'knowledge') answeredQuestions.push(question);
      expect(answer.answer).not.toBe('');
      if (answer.source === 'fallback' && answer.choices === undefined) refused.push(question);
    }
    const { items } = (await demo.call('GET', '/v1/unanswered')).body as { items: { question: string }[] };
    expect(answeredQuestions.length, answeredQuestions.join('\n')).toBeLessThanOrEqual(1);
    const recordedQuestions = items.map(({ question }) => question);
    for (const question of refused) expect(recordedQuestions).toContain(question);
  });

  it('returns an FAQ answer word for word, and exactly the documented fields', async () => {
    const { items } = (await demo.call('GET', '/v1/faq?limit=200')).body as {
      items: { question: string; answer: string; locale: string }[];
    };
    expect(items.length).toBeGreaterThan(10);
    for (const { question, answer, locale } of items) {
      const faqAnswer = await demo.chat(question, { user_id: 'faq-reader', locale });
      expect(faqAnswer, question).toMatchObject({ source: 'faq', answer, citations: [] });
    }
    const knowledgeAnswer = await demo.chat(await questionForDocuments(), { user_id: 'curious' });
    expect(knowledgeAnswer.source).toBe('knowledge');
    const scores = knowledgeAnswer.citations.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(new Set(knowledgeAnswer.citations.map(({ n }) => n)).size).toBe(knowledgeAnswer.citations.length);
    expect(knowledgeAnswer.bubbles.map(({ text }) => text).join('\n\n')).toContain(
      knowledgeAnswer.answer.slice(0, 20),
    );
  });

  it('streams an answer whose pieces form the whole and that ends with exactly one done event', async () => {
    const response = await stream(await questionForDocuments());
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const events = await readEvents(response);
    const names = events.map(({ event }) => event);
    expect(names.filter((name) => name === 'done')).toHaveLength(1);
    expect(names.at(-1)).toBe('done');
    const done = answerSchema.parse(events.at(-1)?.data);
    expect(done.source).toBe('knowledge');
    const restart = events.findLastIndex(
      ({ event, data }) => event === 'status' && data['state'] === 'restart',
    );
    const pieces = events.slice(restart + 1).filter(({ event }) => event === 'delta');
    expect(
      pieces
        .map(({ data }) => data['text'])
        .join('')
        .trim(),
    ).toBe(done.answer);
    expect(events.filter(({ event }) => event === 'citation').map(({ data }) => data)).toEqual(
      done.citations,
    );
    const bubbles = events.filter(({ event }) => event === 'bubble').map(({ data }) => data);
    expect(bubbles).toEqual(done.bubbles.map((bubble, index) => ({ index, ...bubble })));
  });

  it('answers a message whose sender hangs up, and keeps it in the history', async () => {
    const user_id = 'hangs-up';
    for await (const { event } of eventsOf(await stream('are you open on Mondays?', user_id))) {
      if (event !== ':') break;
    }
    const history = await eventually(
      async () => {
        const { items } = (await demo.call('GET', '/v1/conversations?limit=200')).body as {
          items: { id: string }[];
        };
        const all = await Promise.all(
          items.map(({ id }) => demo.call('GET', `/v1/conversations/${id}/messages`)),
        );
        return all.map(({ body }) => body['items'] as { role: string; text: string }[]);
      },
      (all) =>
        all.some((items) => items.length === 2 && items.some(({ text }) => text.startsWith('Monday: '))),
    );
    expect(history.length).toBeGreaterThan(20);
  });

  it('stores a rating and lets another replace it', async () => {
    const { message_id } = await demo.chat('do you have oat milk?', { user_id: 'rates' });
    const rate = (json: unknown) => demo.call('POST', `/v1/chat/${message_id}/feedback`, { json });
    expect((await rate({ rating: 'up' })).status).toBe(204);
    expect((await rate({ rating: 'down', comment: 'it was almond' })).status).toBe(204);
    expect((await rate({ rating: 'sideways' })).status).toBe(400);
    const unknown = await demo.call('POST', '/v1/chat/t_unknown/feedback', { json: { rating: 'up' } });
    expect(unknown.status).toBe(404);
  });

  it('answers ten people at once, each with what they asked', async () => {
    const questions = demoQuestions.answerable.filter(({ source }) => source === 'faq').slice(0, 10);
    const answers = await Promise.all(
      questions.map(({ question }, index) => demo.chat(question, { user_id: `crowd-${index}` })),
    );
    const right = questions.filter((question, index) => {
      const answer = answers[index];
      return answer !== undefined && (isRight(answer, question) || answer.choices !== undefined);
    });
    expect(right.length).toBeGreaterThanOrEqual(questions.length - 2);
    expect(new Set(answers.map(({ conversation_id }) => conversation_id)).size).toBe(questions.length);
  });

  /** A question about the sample business that a document answers directly. */
  async function questionForDocuments(): Promise<string> {
    for (const { question, source } of demoQuestions.answerable) {
      if (source !== 'knowledge') continue;
      const { source: answerSource } = await demo.chat(question, {
        user_id: `looking-${question}`.slice(0, 100),
      });
      if (answerSource === 'knowledge') return question;
    }
    throw new Error('no question was answered by a document');
  }

  function stream(text: string, user_id = 'listens'): Promise<Response> {
    return fetch(`${sapa.url}/v1/chat`, {
      method: 'POST',
      headers: {
        'X-API-Key': sapa.adminKey,
        'X-Tenant-Id': 'demo',
        'Content-Type': 'application/json',
        Accept: 'text/event-stream',
      },
      body: JSON.stringify({ user_id, messages: [{ role: 'user', content: text }] }),
    });
  }
});
