import { ModelError, type ModelCall, type TokenUsage } from '../../contracts/model.js';
import type { FilePart, MessagePart } from '../../contracts/message.js';
import type { TurnInput } from '../../contracts/run-turn.js';
import type { Recording } from '../../contracts/transcription.js';
import type { InboxEvent } from '../../contracts/turn.js';
import type { ConversationDependencies } from '../dependencies.js';

/** More recordings than this, or longer or larger ones, are not a question. */
const MOST_RECORDINGS = 3;
const LONGEST_SECONDS = 300;
const LARGEST_BYTES = 10 * 1024 * 1024;
const WITHIN_MS = 45_000;
/** For a voice message of unknown length: the lowest bit rate chats use. */
const BYTES_PER_SECOND = 2_000;

const NOTHING: TokenUsage = { inputTokens: 0, outputTokens: 0 };

/** Magic bytes of recordings, and the file endings transcribers expect. */
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
 * Replaces voice messages by their transcripts, where the bot answers and a model can transcribe. Recordings
 * that cannot be transcribed stay files.
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
  return { ...input, events: await Promise.all(events.map((event) => transcribedEvent(event, input, deps))) };
}

function isVoice(part: MessagePart): part is FilePart {
  return part.type === 'file' && part.kind === 'voice' && (part.durationSeconds ?? 0) <= LONGEST_SECONDS;
}

async function transcribedEvent(
  item: InboxEvent,
  input: TurnInput,
  deps: HearingDependencies,
): Promise<InboxEvent> {
  const { event } = item;
  if (event.type !== 'message' || !event.parts.some(isVoice)) return item;
  const parts = await Promise.all(
    event.parts.map(async (part): Promise<MessagePart> => {
      const text = isVoice(part) ? await wordsOfRecording(part, item, input, deps) : undefined;
      return text === undefined ? part : { type: 'text', text };
    }),
  );
  return { ...item, event: { ...event, parts } };
}

/**
 * The transcript of one recording; `undefined` if it cannot be fetched or transcribed, or if no budget covers
 * it.
 */
async function wordsOfRecording(
  part: FilePart,
  item: InboxEvent,
  input: TurnInput,
  deps: HearingDependencies,
): Promise<string | undefined> {
  const { scope, signal } = input;
  try {
    const recording = recordingOf(await deps.download(scope, item, part, signal));
    return recording === undefined ? undefined : await transcribe(recording, part, input, deps);
  } catch (error) {
    signal.throwIfAborted();
    const kind = error instanceof ModelError ? error.kind : undefined;
    deps.logger.warn({ kind, error, channel: item.channel }, 'a voice message could not be transcribed');
    return undefined;
  }
}

async function transcribe(
  recording: Recording,
  part: FilePart,
  { scope, contact, signal }: TurnInput,
  { transcriber, usage, clock }: HearingDependencies,
): Promise<string | undefined> {
  if (transcriber === undefined) return undefined;
  const length = { ...NOTHING, audioSeconds: lengthOf(part, recording) };
  const account = usage.account(scope, { contactId: contact.id, purpose: 'transcription' });
  const useOf = (used: TokenUsage): Pick<ModelCall, 'provider' | 'model' | 'usage' | 'costMicros'> => {
    const { provider, model } = transcriber;
    const costMicros = transcriber.priceOf(used);
    return { provider, model, usage: used, ...(costMicros === undefined ? {} : { costMicros }) };
  };
  const planned = useOf(length);
  const purse = await account.reserve({ ...planned, mostMicros: planned.costMicros ?? 0 });
  if (purse === undefined) return undefined;
  const started = clock.monotonicMs();
  const settle = (outcome: ModelCall['outcome'], used: TokenUsage, isEstimated: boolean): void => {
    purse.settle({ ...useOf(used), outcome, isEstimated, tookMs: clock.monotonicMs() - started });
  };
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]);
    const { text, usage: used } = await transcriber.transcribe(recording, limit);
    const isTold = used.inputTokens + used.outputTokens + (used.audioSeconds ?? 0) > 0;
    settle('ok', isTold ? used : length, !isTold);
    return text === '' ? undefined : text;
  } catch (error) {
    settle(error instanceof ModelError ? error.kind : 'malformed', NOTHING, false);
    throw error;
  }
}

/** Length in seconds, for reserving the cost before the vendor has counted, and for vendors that never do. */
function lengthOf({ durationSeconds }: FilePart, { data }: Recording): number {
  return durationSeconds ?? Math.min(LONGEST_SECONDS, data.length / BYTES_PER_SECOND);
}

function recordingOf(data: Uint8Array): Recording | undefined {
  if (data.length > LARGEST_BYTES) return undefined;
  const beginning = Buffer.from(data.subarray(0, 16)).toString('latin1');
  const format = BEGINNINGS.find(([, , pattern]) => pattern.test(beginning));
  return format && { data, mediaType: format[0], fileName: `voice.${format[1]}` };
}
