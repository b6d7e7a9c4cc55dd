import { z } from 'zod';
import type { ConnectionSink } from '../../src/contracts/channel.js';
import { ChannelError } from '../../src/contracts/channel.js';
import { snowflakeSchema } from './snowflake.js';
import type { Run } from './run.js';
import { fingerprintOf, toSlashCommands } from './slash-commands.js';

/** Flags that mean the Message Content intent is on, for large and for small bots. */
const MESSAGE_CONTENT_FLAGS = (1 << 18) | (1 << 19);
const COMMANDS = 'commands';

const applicationSchema = z.object({ id: snowflakeSchema, flags: z.int().nullish() });

export interface Application {
  readonly id: string;
  /** `undefined`: Discord did not say. */
  readonly mayReadContent: boolean | undefined;
}

export async function askApplication({ client, signal }: Run): Promise<Application> {
  const answer = await client.call({ method: 'GET', path: '/applications/@me' }, signal);
  const application = applicationSchema.safeParse(answer).data;
  if (application === undefined) {
    throw new ChannelError('unreachable', 'GET /applications/@me: an answer that is not an application');
  }
  const { id, flags } = application;
  return {
    id,
    mayReadContent: typeof flags === 'number' ? (flags & MESSAGE_CONTENT_FLAGS) !== 0 : undefined,
  };
}

/**
 * Registers the commands if they differ from those last registered, because Discord allows few changes a day.
 * If Discord refuses them, returns the reason instead of failing: the bot works without them.
 */
export async function publishCommands(
  { id }: Application,
  sink: ConnectionSink,
  { client, logger, signal }: Run,
): Promise<string | undefined> {
  const commands = toSlashCommands(sink.menu);
  const fingerprint = fingerprintOf(commands, id);
  const publishedFingerprint = (await sink.state.read([COMMANDS])).get(COMMANDS);
  if (publishedFingerprint !== undefined && Buffer.from(publishedFingerprint).toString() === fingerprint)
    return undefined;
  try {
    const path = `/applications/${id}/commands`;
    await client.call({ method: 'PUT', path, body: commands }, signal);
  } catch (error) {
    if (!(error instanceof ChannelError) || (error.kind !== 'rejected' && error.kind !== 'gone')) throw error;
    logger.warn({ reason: error.message }, 'Discord refused the slash commands');
    return `the slash commands were refused: ${error.message}`;
  }
  await sink.state.write(new Map([[COMMANDS, Buffer.from(fingerprint)]]));
  return undefined;
}
