import type { Route, RouteCall } from '../routes.js';
import type { FakeMessage, Json } from '../types.js';

/** Responses to slash commands and presses, authorised by the token in the path. */
export const interactionRoutes: readonly Route[] = [
  { method: 'POST', path: '/interactions/:interaction/:token/callback', isOpen: true, handle: callback },
  {
    method: 'POST',
    path: '/webhooks/:app/:token',
    isOpen: true,
    handle: (call) => call.app.interactions.followUp(interactionOf(call), call.body, call.files),
  },
  {
    method: 'GET',
    path: '/webhooks/:app/:token/messages/:message',
    isOpen: true,
    handle: (call) => messageOf(call),
  },
  {
    method: 'PATCH',
    path: '/webhooks/:app/:token/messages/:message',
    isOpen: true,
    handle: (call) => call.app.interactions.edit(interactionOf(call), messageOf(call), call.body, call.files),
  },
  {
    method: 'DELETE',
    path: '/webhooks/:app/:token/messages/:message',
    isOpen: true,
    handle: (call) => call.app.interactions.remove(interactionOf(call), messageOf(call)),
  },
];

function interactionOf({ app, params }: RouteCall): ReturnType<typeof app.interactions.withToken> {
  return app.interactions.withToken(params[1] ?? '');
}

function messageOf(call: RouteCall): FakeMessage {
  return call.app.interactions.message(interactionOf(call), call.params[2] ?? '');
}

function callback({ app, params, body, files, query }: RouteCall): unknown {
  const interaction = app.interactions.all.get(params[1] ?? '');
  const data = (body['data'] ?? {}) as Json;
  const type = Number(body['type']);
  const message = app.interactions.answer(
    interaction?.id === params[0] ? interaction : undefined,
    type,
    data,
    files,
  );
  if (query.get('with_response') !== 'true') return undefined;
  return {
    interaction: {
      id: params[0],
      type: interaction?.kind,
      response_message_id: message?.id,
      response_message_loading: type === 5,
      response_message_ephemeral: false,
    },
    resource: { type, message },
  };
}
