import { checkCommands } from '../command-rules.js';
import { DiscordRefusal, invalidForm, missingAccess } from '../discord-refusal.js';
import type { FakeApp } from '../fake-app.js';
import type { Route, RouteCall } from '../routes.js';
import type { Json } from '../types.js';

/** The application, its gateway and its slash commands. */
export const applicationRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/gateway',
    isOpen: true,
    handle: ({ world }) => ({ url: world.base.replace('http', 'ws') }),
  },
  {
    method: 'GET',
    path: '/gateway/bot',
    handle: ({ world, app }) => ({
      url: world.base.replace('http', 'ws'),
      shards: world.options.shards ?? 1,
      session_start_limit: {
        total: 1_000,
        remaining: app.gateway.remainingIdentifies,
        reset_after: 14_400_000,
        max_concurrency: world.options.identifies?.limit ?? 1,
      },
    }),
  },
  { method: 'GET', path: '/users/@me', handle: ({ app }) => app.user },
  { method: 'GET', path: '/applications/@me', handle: ({ app }) => app.data() },
  { method: 'GET', path: '/oauth2/applications/@me', handle: ({ app }) => app.data() },
  {
    method: 'POST',
    path: '/users/@me/channels',
    handle({ world, app, body }) {
      const user = world.users.get(String(body['recipient_id']));
      if (user === undefined) throw invalidForm('recipient_id', 'NUMBER_TYPE_COERCE', 'Unknown user');
      return world.channelData(world.dm(app, user));
    },
  },
  { method: 'GET', path: '/applications/:app/commands', handle: (call) => commandsOf(call, '') },
  { method: 'PUT', path: '/applications/:app/commands', handle: (call) => overwrite(call, '') },
  {
    method: 'GET',
    path: '/applications/:app/guilds/:guild/commands',
    handle: (call) => commandsOf(call, call.params[1] ?? ''),
  },
  {
    method: 'PUT',
    path: '/applications/:app/guilds/:guild/commands',
    handle: (call) => overwrite(call, call.params[1] ?? ''),
  },
];

function own({ app, params }: RouteCall): FakeApp {
  if (params[0] !== app.id)
    throw new DiscordRefusal(403, 20012, 'You are not authorized to perform this action on this application');
  return app;
}

function commandsOf(call: RouteCall, guild: string): readonly Json[] {
  return own(call).commands.get(guild) ?? [];
}

/** Replaces the whole list; commands that are missing from it are deleted. */
function overwrite(call: RouteCall, guild: string): readonly Json[] {
  const app = own(call);
  if (guild !== '' && call.world.guilds.get(guild)?.bots.has(app.id) !== true) throw missingAccess();
  checkCommands(call.list);
  const before = app.commands.get(guild) ?? [];
  const updated = call.list.map((command) => ({
    id: before.find(({ name }) => name === command['name'])?.['id'] ?? call.world.id(),
    application_id: app.id,
    version: call.world.id(),
    default_member_permissions: null,
    type: 1,
    nsfw: false,
    ...command,
  }));
  app.commands.set(guild, updated);
  return updated;
}
