import { ModelError } from '../../contracts/model.js';
import type { FilePart, MessagePart } from '../../contracts/message.js';
import type { TurnInput } from '../../contracts/run-turn.js';
import type { Recording } from '../../contracts/transcription.js';
import type { InboxEvent } from '../../contracts/turn.js';
import type { ConversationDependencies } from '../dependencies.js';

/** More at once, longer or larger ones, are no question. */
const MOST_RECORDINGS = 3;
const LONGEST_SECONDS = 300;
const LARGEST_BYTES = 10 * 1024 * 1024;
const WITHIN_MS = 45_000;

/** How recordings begin, and what a transcriber wants them to be called. */
const BEGINNINGS: readonly (readonly [mediaType: string, ending: string, RegExp])[] = [
  ['audio/ogg', 'ogg', /^OggS/],
  ['audio/mpeg', 'mp3', /^(?:ID3|\xff[\xe2-\xfb])/],
  ['audio/wav', 'wav', /^RIFF[^]{4}WAVE/],
  ['audio/mp4', 'm4a', /^[^]{4}ftyp/],
  ['audio/webm', 'webm', /^\x1a\x45\xdf\xa3/],
  ['audio/flac', 'flac', /^fLaC/],
];

type HearingDependencies = Pick<
  ConversationDependencies,
  'transcriber' | 'download' | 'usage' | 'clock' | 'logger'
>;

/**
 * The turn with voice messages as the words that are said in them, where the bot answers and a model
 * can hear. What cannot be heard stays a file.
 */
export async function hearVoice<Input extends TurnInput>(
  input: Input,
  deps: HearingDependencies,
): Promise<Input> {
  const { conversation, events } = input;
  const voices = events.flatMap(({ event }) => (event.type === 'message' ? event.parts.filter(isVoice) : []));
  if (deps.transcriber === undefined || conversation.mode !== 'bot' || conversation.attends !== undefined)
    return input;
  if (voices.length === 0 || voices.length > MOST_RECORDINGS) return input;
  return { ...input, events: await Promise.all(events.map((event) => heardEvent(event, input, deps))) };
}

function isVoice(part: MessagePart): part is FilePart {
  return part.type === 'file' && part.kind === 'voice' && (part.durationSeconds ?? 0) <= LONGEST_SECONDS;
}

async function heardEvent(
  item: InboxEvent,
  input: TurnInput,
  deps: HearingDependencies,
): Promise<InboxEvent> {
  const { event } = item;
  if (event.type !== 'message' || !event.parts.some(isVoice)) return item;
  const parts = await Promise.all(
    event.parts.map(async (part): Promise<MessagePart> => {
      const text = isVoice(part) ? await heard(part, item, input, deps) : undefined;
      return text === undefined ? part : { type: 'text', text };
    }),
  );
  return { ...item, event: { ...event, parts } };
}

/** The words of one recording; `undefined` where it cannot be had or heard, or nobody pays for it. */
async function heard(
  part: FilePart,
  item: InboxEvent,
  { scope, contact, signal }: TurnInput,
  { transcriber, download, usage, clock, logger }: HearingDependencies,
): Promise<string | undefined> {
  if (transcriber === undefined) return undefined;
  const account = usage.account(scope, { contactId: contact.id, purpose: 'transcription' });
  const purse = await account.reserve(0);
  if (purse === undefined) return undefined;
  const started = clock.monotonicMs();
  const { provider, model } = transcriber;
  const settle = (told: Pick<Parameters<typeof purse.settle>[0], 'outcome' | 'usage'>): void =>
    purse.settle({ provider, model, isEstimated: false, tookMs: clock.monotonicMs() - started, ...told });
  try {
    const recording = recordingOf(await download(scope, item, part, signal));
    if (recording === undefined) return undefined;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]);
    const { text, usage: used } = await transcriber.transcribe(recording, limit);
    settle({ outcome: 'ok', usage: used });
    return text === '' ? undefined : text;
  } catch (error) {
    signal.throwIfAborted();
    const kind = error instanceof ModelError ? error.kind : undefined;
    if (kind !== undefined) settle({ outcome: kind, usage: { inputTokens: 0, outputTokens: 0 } });
    logger.warn({ kind, error, channel: item.channel }, 'a voice message could not be heard');
    return undefined;
  }
}

function recordingOf(data: Uint8Array): Recording | undefined {
  if (data.length > LARGEST_BYTES) return undefined;
  const beginning = Buffer.from(data.subarray(0, 16)).toString('latin1');
  const found = BEGINNINGS.find(([, , pattern]) => pattern.test(beginning));
  return found && { data, mediaType: found[0], fileName: `voice.${found[1]}` };
}
