import { DiscordRefusal, invalidForm, missingPermissions, unknownMessage } from '../discord-refusal.js';
import { contentOf, pingedBy } from '../message-body.js';
import type { Route, RouteCall } from '../routes.js';
import type { FakeChannel, FakeMessage } from '../types.js';

/** How long Discord remembers a nonce. */
const NONCE_LIFE_MS = 3 * 60_000;

/** Sending, reading and changing messages. */
export const messageRoutes: readonly Route[] = [
  { method: 'GET', path: '/channels/:channel/messages', handle: list },
  { method: 'POST', path: '/channels/:channel/messages', handle: create },
  { method: 'GET', path: '/channels/:channel/messages/:message', handle: (call) => messageOf(call) },
  { method: 'PATCH', path: '/channels/:channel/messages/:message', handle: edit },
  { method: 'DELETE', path: '/channels/:channel/messages/:message', handle: remove },
  { method: 'PUT', path: '/channels/:channel/messages/:message/reactions/:emoji/@me', handle: react },
  { method: 'DELETE', path: '/channels/:channel/messages/:message/reactions/:emoji/@me', handle: react },
  {
    method: 'POST',
    path: '/attachments/refresh-urls',
    handle: ({ world, body }) => ({
      refreshed_urls: (body['attachment_urls'] as string[]).map((original) => ({
        original,
        refreshed: `${original.split('?')[0] ?? ''}?ex=${(world.now() + 86_400_000).toString(16)}`,
      })),
    }),
  },
];

function channelOf(
  { world, app, params }: RouteCall,
  ...permissions: Parameters<typeof world.channelFor>[2][]
): FakeChannel {
  return world.channelFor(app, params[0] ?? '', ...permissions);
}

function messageOf(call: RouteCall): FakeMessage {
  const channel = channelOf(call, 'READ_MESSAGE_HISTORY');
  const message = call.world.messages.get(call.params[1] ?? '');
  if (message === undefined || message.channel_id !== channel.id) throw unknownMessage();
  return message;
}

/** Newest first, as in Discord; with `after`, a page holds the oldest messages following it. */
function list(call: RouteCall): readonly FakeMessage[] {
  const channel = channelOf(call, 'READ_MESSAGE_HISTORY');
  const { query, world } = call;
  const limit = Number(query.get('limit') ?? 50);
  if (!(limit >= 1 && limit <= 100))
    throw invalidForm('limit', 'NUMBER_TYPE_MAX', 'Must be between 1 and 100');
  const after = query.get('after');
  const before = query.get('before');
  const all = world
    .messagesIn(channel.id)
    .filter(
      ({ id }) =>
        (after === null || BigInt(id) > BigInt(after)) && (before === null || BigInt(id) < BigInt(before)),
    );
  const page = after === null ? all.slice(-limit) : all.slice(0, limit);
  return page.reverse();
}

function create(call: RouteCall): FakeMessage {
  const { app, world, body, files } = call;
  const channel = channelOf(call, 'SEND_MESSAGES', ...(files.length > 0 ? (['ATTACH_FILES'] as const) : []));
  mayWrite(call, channel);
  const content = contentOf(app, body, files);
  const nonce =
    body['enforce_nonce'] === true && content.nonce !== undefined
      ? `${channel.id}:${content.nonce}`
      : undefined;
  const previous = nonce === undefined ? undefined : app.nonces.get(nonce);
  if (previous !== undefined && world.now() - previous.at < NONCE_LIFE_MS) return previous.message;
  const reply = repliedTo(call, channel);
  const message = world.post(channel, app.user, {
    ...content,
    ...(reply === undefined
      ? {}
      : {
          type: 19,
          referenced_message: reply,
          message_reference: { message_id: reply.id, channel_id: channel.id },
        }),
  });
  if (nonce !== undefined) app.nonces.set(nonce, { message, at: world.now() });
  app.journal.show(message);
  for (const who of pingedBy(app, message, body, reply))
    app.journal.pings.push({ messageId: message.id, who });
  return message;
}

function mayWrite({ app }: RouteCall, channel: FakeChannel): void {
  if (channel.type === 15) throw new DiscordRefusal(400, 50008, 'Cannot send messages in a non-text channel');
  if (channel.awaitsFirstMessage && channel.ownerId !== app.user.id)
    throw new DiscordRefusal(
      400,
      40058,
      'Cannot message this thread until after the post author has sent an initial message.',
    );
  if (channel.locked && channel.archived) throw new DiscordRefusal(400, 50083, 'Thread is archived');
  if (channel.recipient !== undefined && app.blockedBy.has(channel.recipient.id))
    throw new DiscordRefusal(403, 50007, 'Cannot send messages to this user');
}

function repliedTo({ world, body }: RouteCall, channel: FakeChannel): FakeMessage | undefined {
  const reference = body['message_reference'] as
    { message_id?: string; fail_if_not_exists?: boolean } | undefined;
  if (reference === undefined) return undefined;
  const match = world.messages.get(String(reference.message_id));
  if (match?.channel_id === channel.id) return match;
  if (reference.fail_if_not_exists === false) return undefined;
  throw invalidForm('message_reference', 'REPLIES_UNKNOWN_MESSAGE', 'Unknown message');
}

function ownMessage(call: RouteCall): FakeMessage {
  const message = messageOf(call);
  if (message.author.id !== call.app.user.id)
    throw new DiscordRefusal(403, 50005, 'Cannot edit a message authored by another user');
  return message;
}

function edit(call: RouteCall): FakeMessage {
  const { app, world, body, files } = call;
  const before = ownMessage(call);
  const { content, components, attachments } = before;
  const updates = contentOf(app, { content, components, attachments, ...body }, files);
  const message = { ...before, ...updates, edited_timestamp: new Date(world.now()).toISOString() };
  world.replace(message);
  app.journal.change(message.channel_id, message.id, message);
  return message;
}

function remove(call: RouteCall): void {
  const message = ownMessage(call);
  call.world.remove(message);
  call.app.journal.change(message.channel_id, message.id, undefined);
}

function react(call: RouteCall): void {
  const channel = channelOf(call, 'READ_MESSAGE_HISTORY');
  messageOf(call);
  if (channel.denied.has('ADD_REACTIONS')) throw missingPermissions();
  if (!/\p{Extended_Pictographic}|^\w+:\d+$/u.test(call.params[2] ?? ''))
    throw new DiscordRefusal(400, 10014, 'Unknown Emoji');
}
