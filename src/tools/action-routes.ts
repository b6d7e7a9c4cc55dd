import { z } from 'zod';
import type { Action, Decision } from '../contracts/actions.js';
import type { Clock } from '../contracts/runtime.js';
import type { TenantScope } from '../contracts/stores.js';
import { jsonBody } from '../lib/api/body-spec.js';
import { idParams, listSchema, pageQuery, timeSchema } from '../lib/api/fields.js';
import { listAnswer, pageRequest } from '../lib/api/page.js';
import { HttpProblem, notFound, orNotFound } from '../lib/api/problem.js';
import { defineRoute, json, type Route } from '../lib/api/route.js';
import { actionStore } from './action-store.js';
import type { ActionsService } from './actions-service.js';

/** How long a confirming request waits for the outcome, in ms. */
const SETTLED_WITHIN_MS = 8_000;
const LOOK_EVERY_MS = 100;

const STATUSES = ['waiting', 'running', 'done', 'failed', 'cancelled', 'expired'] as const;

const actionSchema = z.object({
  id: z.string(),
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  summary: z.string(),
  status: z.enum(STATUSES),
  confirmation: z.enum(['never', 'person', 'staff']),
  requested_by: z.string(),
  conversation_id: z.string(),
  decided_by: z.string().optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.string(), detail: z.string() }).optional(),
  created_at: timeSchema,
  expires_at: timeSchema,
});

const example = {
  id: 'action_5mQ0x7cWb2nVrT8sYkLd1A',
  tool: 'add_tag',
  arguments: { tag: 'member' },
  summary: 'Tag you as "member"',
  status: 'waiting',
  confirmation: 'person',
  requested_by: 'contact_5mQ0x7cWb2nVrT8sYkLd1A',
  conversation_id: 'c_8Zc1r9sYQ2mVw0bXkT3uPg',
  created_at: '2026-01-05T02:00:00.000Z',
  expires_at: '2026-01-05T02:10:00.000Z',
};

function actionJson(action: Action): z.output<typeof actionSchema> {
  const { decidedBy, result, error } = action;
  return {
    id: action.id,
    tool: action.tool,
    arguments: { ...action.arguments },
    summary: action.summary,
    status: action.status,
    confirmation: action.confirmation,
    requested_by: action.contactId,
    conversation_id: action.conversationId,
    ...(decidedBy === undefined ? {} : { decided_by: decidedBy }),
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error }),
    created_at: action.createdAt.toISOString(),
    expires_at: action.expiresAt.toISOString(),
  };
}

export interface ActionRouteNeeds {
  readonly actions: ActionsService;
  readonly clock: Clock;
}

const common = { auth: 'tenant', tag: 'actions' } as const;
const response = { description: 'The action', schema: actionSchema, example };

/** Routes for every run of a tool with effects, and for deciding those that are waiting. */
export function actionRoutes(deps: ActionRouteNeeds): Route[] {
  const { actions, clock } = deps;
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/actions',
      summary: 'List actions of tools, done and proposed, newest first',
      query: pageQuery.extend({ status: z.enum(STATUSES).optional() }),
      responses: {
        200: {
          description: 'Newest first',
          schema: listSchema(actionSchema),
          example: { items: [example], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        const filter = { ...(query.status === undefined ? {} : { status: query.status }), at: clock.now() };
        const page = await scope.store(actionStore).list(filter, pageRequest(query));
        return listAnswer({ ...page, items: page.items.map((each) => actions.current(each)) }, actionJson);
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/actions/{id}',
      summary: 'Get an action',
      params: idParams,
      responses: { 200: response },
      async handler({ params, access: { scope } }) {
        const action = orNotFound(await scope.store(actionStore).get(params.id));
        return json(200, actionJson(actions.current(action)));
      },
    }),
    ...(['confirm', 'cancel'] as const).map((decision) =>
      defineRoute({
        ...common,
        method: 'POST',
        path: `/v1/actions/{id}/${decision}`,
        summary: decision === 'confirm' ? 'Confirm an action' : 'Cancel a proposed action',
        description: DECIDED_ONCE,
        idempotency: 'own',
        params: idParams,
        responses: { 200: response },
        handler: ({ params, access: { scope } }) => decide(deps, scope, params.id, decision),
      }),
    ),
    defineRoute({
      auth: 'tenant',
      tag: 'chat',
      method: 'POST',
      path: '/v1/chat/confirmations/{id}',
      legacyPaths: ['/chat/confirmations/{id}'],
      summary: 'Confirm or cancel an action as the person it was proposed to',
      description: DECIDED_ONCE,
      idempotency: 'own',
      params: idParams,
      body: jsonBody(z.strictObject({ decision: z.enum(['confirm', 'cancel']) }), { decision: 'confirm' }),
      responses: { 200: response },
      async handler({ params, body, access: { scope } }) {
        const action = await scope.store(actionStore).get(params.id);
        if (action?.confirmation === 'staff' && body.decision === 'confirm') {
          throw new HttpProblem(403, 'staff_decides', 'Only staff of the business can agree to this.');
        }
        return decide(deps, scope, params.id, body.decision);
      },
    }),
  ];
}

const DECIDED_ONCE =
  'Decided once: the same decision again changes nothing, a contrary one is 409. What takes longer than a few seconds is answered as `running`.';

async function decide(
  { actions, clock }: ActionRouteNeeds,
  scope: TenantScope,
  id: string,
  decision: Decision,
) {
  const outcome = await actions.decide(scope, id, decision, { type: 'api' });
  switch (outcome.type) {
    case 'unknown':
    case 'not-yours':
      throw notFound();
    case 'too-late':
      throw outcome.action.status === 'expired'
        ? new HttpProblem(409, 'action_expired', 'Nobody decided it in time.')
        : new HttpProblem(409, 'action_decided', `It is ${outcome.action.status} already.`);
    case 'decided':
      break;
    default:
      outcome satisfies never;
  }
  if (outcome.type !== 'decided') throw notFound();
  let { action } = outcome;
  for (
    let elapsedMs = 0;
    action.status === 'running' && elapsedMs < SETTLED_WITHIN_MS;
    elapsedMs += LOOK_EVERY_MS
  ) {
    await clock.sleep(LOOK_EVERY_MS);
    action = (await scope.store(actionStore).get(id)) ?? action;
  }
  return json(200, actionJson(action));
}
