import { afterEach, expect, it } from 'vitest';
import type { RunTurn } from '../../src/contracts/run-turn.js';
import { directEvent } from '../../src/lib/channels/response-channel.js';
import { answering, openPipeline, TENANT, type Pipeline } from './support/open-pipeline.js';

let pipeline: Pipeline | undefined;
afterEach(() => pipeline?.close());

const withTable: RunTurn = (input) =>
  Promise.resolve({
    ...answering(input, 'Here it is.'),
    files: [{ name: 'rows.csv', mediaType: 'text/csv', bytes: Buffer.from('a,b\n1,2\n') }],
  });

it('keeps the files that an answer brings and names them after its text', async () => {
  pipeline = await openPipeline({ runTurn: withTable });
  const process = pipeline.start();
  await process.run();
  const scope = await pipeline.scope();
  const account = { id: 'api', channel: 'api', tenantId: TENANT, config: {} };
  const event = directEvent({ event_id: 'e1', user_id: 'siti', text: 'the table, please' }, new Date());
  const accepted = await process.intake.accept(scope, account, event);
  if (!('eventKey' in accepted)) throw new Error(accepted.type);
  const turn = await process.intake.answered(scope, accepted, AbortSignal.timeout(15_000));
  expect(turn.answer.bubbles).toMatchObject([
    { type: 'text', text: 'Here it is.' },
    { type: 'file', file: { kind: 'document', fileName: 'rows.csv', mediaType: 'text/csv', sizeBytes: 8 } },
  ]);
  const [, bubble] = turn.answer.bubbles;
  const bytes = await scope.files.read(bubble?.type === 'file' ? bubble.file.id : '');
  expect(Buffer.from(bytes ?? []).toString()).toBe('a,b\n1,2\n');
});
