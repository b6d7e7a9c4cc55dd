import { DiscordRefusal, invalidForm, missingAccess, notFound, unknownMessage } from '../discord-refusal.js';
import { contentOf } from '../message-body.js';
import type { Route, RouteCall } from '../routes.js';
import type { FakeChannel, Json } from '../types.js';
import { scopeOf } from '../world.js';

/** Channels, threads, guilds. */
export const channelRoutes: readonly Route[] = [
  { method: 'GET', path: '/channels/:channel', handle: (call) => call.world.channelData(channelOf(call)) },
  { method: 'PATCH', path: '/channels/:channel', handle: changeThread },
  {
    method: 'POST',
    path: '/channels/:channel/typing',
    handle: (call) => void call.world.channelFor(call.app, call.params[0] ?? '', 'SEND_MESSAGES'),
  },
  { method: 'POST', path: '/channels/:channel/threads', handle: openThread },
  { method: 'POST', path: '/channels/:channel/messages/:message/threads', handle: openThread },
  { method: 'PUT', path: '/channels/:channel/thread-members/@me', handle: (call) => void channelOf(call) },
  { method: 'GET', path: '/guilds/:guild/members/:user', handle: memberOf },
  {
    method: 'GET',
    path: '/guilds/:guild/channels',
    handle: (call) =>
      inGuild(call)
        .filter(({ type }) => type !== 11)
        .map((channel) => call.world.channelData(channel)),
  },
  {
    method: 'GET',
    path: '/guilds/:guild/threads/active',
    handle: (call) => ({
      threads: inGuild(call)
        .filter(({ type, archived }) => type === 11 && !archived)
        .map((channel) => call.world.channelData(channel)),
      members: [],
    }),
  },
];

function channelOf({ world, app, params }: RouteCall): FakeChannel {
  return world.channelFor(app, params[0] ?? '');
}

function inGuild({ world, app, params }: RouteCall): readonly FakeChannel[] {
  if (world.guilds.get(params[0] ?? '')?.bots.has(app.id) !== true) throw notFound();
  return [...world.channels.values()].filter(
    (channel) => channel.guildId === params[0] && world.appsIn(channel).includes(app),
  );
}

function openThread(call: RouteCall): Json {
  const { world, app, body, files, params } = call;
  const parent = world.channelFor(app, params[0] ?? '', 'CREATE_PUBLIC_THREADS');
  const name = body['name'];
  if (typeof name !== 'string' || name.length < 1 || name.length > 100)
    throw invalidForm('name', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 100 in length.');
  const messageId = params[1];
  if (messageId !== undefined && world.messages.get(messageId) === undefined) throw unknownMessage();
  if (parent.type === 15) {
    const message = body['message'];
    if (typeof message !== 'object' || message === null)
      throw invalidForm('message', 'BASE_TYPE_REQUIRED', 'This field is required');
    const content = contentOf(app, message as Json, files);
    const post = world.thread(parent, name, app.user.id);
    app.journal.show(world.post(post, app.user, content));
    return world.channelData(post);
  }
  if (parent.type !== 0) throw new DiscordRefusal(400, 50024, 'Cannot execute action on this channel type');
  return world.channelData(world.thread(parent, name, app.user.id));
}

function changeThread(call: RouteCall): Json {
  const channel = channelOf(call);
  if (channel.type !== 11) throw new DiscordRefusal(403, 50013, 'Missing Permissions');
  if (typeof call.body['archived'] === 'boolean') channel.archived = call.body['archived'];
  if (typeof call.body['locked'] === 'boolean') channel.locked = call.body['locked'];
  const data = call.world.channelData(channel);
  for (const app of call.world.appsIn(channel)) app.gateway.dispatch('THREAD_UPDATE', data, scopeOf(channel));
  return data;
}

/** A member of a guild the bot is in. */
function memberOf({ world, app, params: [guildId = '', userId = ''] }: RouteCall): Json {
  const guild = world.guilds.get(guildId);
  if (guild?.bots.has(app.id) !== true) throw missingAccess();
  const user = world.users.get(userId);
  if (user === undefined || guild.left.has(userId)) throw new DiscordRefusal(404, 10007, 'Unknown Member');
  return { ...world.memberData(user), user };
}
