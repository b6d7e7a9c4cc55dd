import { z } from 'zod';
import type { ContactSuggestions } from '../contracts/contact-suggestions.js';
import type { Events } from '../contracts/events.js';
import type { Clock } from '../contracts/runtime.js';
import { StoreError, type Contact, type ContactChange, type TenantScope } from '../contracts/stores.js';
import { jsonBody } from '../lib/api/body-spec.js';
import { idParams, idSchema, listSchema, pageQuery, textSchema, timeSchema } from '../lib/api/fields.js';
import { listAnswer, pageRequest } from '../lib/api/page.js';
import { HttpProblem, orNotFound } from '../lib/api/problem.js';
import { defineRoute, empty, json, type Route } from '../lib/api/route.js';
import { contactTableRoutes, type ContactTableNeeds } from './contact-table-routes.js';
import {
  changeFrom,
  contactBody,
  contactBodyExample,
  contactExample,
  contactJson,
  contactSchema,
  logExample,
  logJson,
  logSchema,
  newContactBody,
  noteJson,
} from './contact-json.js';
import type { Erasures } from './erasures.js';
import { saveContact } from './save-contact.js';

const common = { auth: 'tenant', tag: 'contacts' } as const;
const contactResponse = { description: 'The contact', schema: contactSchema, example: contactExample };
const logResponse = { description: 'What was noted', schema: logSchema, example: logExample };
const logListResponse = {
  description: 'Oldest first',
  schema: listSchema(logSchema),
  example: { items: [logExample], next_cursor: null },
};

export interface ContactRouteNeeds extends ContactTableNeeds {
  readonly suggestions: ContactSuggestions;
  readonly erasures: Erasures;
  readonly clock: Clock;
  readonly events: Events;
}

/** Everything about the people who write to a business. Fixed paths come before those with an id. */
export function contactRoutes(deps: ContactRouteNeeds): Route[] {
  return [
    ...contactTableRoutes(deps),
    ...logRoutes(deps),
    ...listRoutes(deps),
    ...singleRoutes(deps),
    ...noteRoutes(deps),
  ];
}

function logRoutes({ clock }: ContactRouteNeeds): Route[] {
  const body = z.strictObject({
    contact_id: idSchema,
    text: textSchema(16_000),
    direction: z.enum(['in', 'out', 'note']),
    channel: z.string().max(40).optional(),
    at: timeSchema.optional(),
  });
  return [
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/contacts/logs',
      legacyPaths: ['/contacts/logs'],
      summary: 'Log a call or message from elsewhere',
      body: jsonBody(body, {
        contact_id: contactExample.id,
        text: 'Called back.',
        direction: 'out',
        channel: 'phone',
      }),
      responses: { 201: logResponse },
      async handler({ body: { contact_id: id, text, direction, channel, at }, access: { scope } }) {
        const contact = await contactIn(scope, id);
        const note = await scope.contacts.addNote({
          contactId: contact.id,
          text,
          direction,
          ...(channel === undefined ? {} : { channel }),
          at: at === undefined ? clock.now() : new Date(at),
        });
        return json(201, noteJson(contact.id, note));
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/contacts/logs',
      legacyPaths: ['/contacts/logs'],
      summary: 'Get everything said with and noted about a contact, across channels',
      query: pageQuery.extend({ contact_id: idSchema }),
      responses: { 200: logListResponse },
      async handler({ query, access: { scope } }) {
        const contact = await contactIn(scope, query.contact_id);
        const page = await scope.conversations.history(contact, pageRequest(query));
        return listAnswer(page, (message) => logJson(contact.id, message));
      },
    }),
  ];
}

function listRoutes({ clock, events }: ContactRouteNeeds): Route[] {
  return [
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/contacts',
      legacyPaths: ['/contacts'],
      summary: 'Create or update a contact',
      description: 'A number, an address or an identity that is known changes the contact that has it.',
      body: jsonBody(newContactBody, contactBodyExample),
      responses: { 201: contactResponse, 200: contactResponse },
      async handler({ body, access: { scope } }) {
        const change = changeFrom(body, scope.settings);
        const { contact, isNew } = await saveContact(scope, change, clock.now());
        await events.emit(scope, isNew ? 'contact.created' : 'contact.updated', contactJson(contact));
        return json(isNew ? 201 : 200, contactJson(contact));
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/contacts',
      legacyPaths: ['/contacts'],
      summary: 'List contacts, newest first',
      query: pageQuery.extend({
        query: z
          .string()
          .trim()
          .min(1)
          .max(200)
          .optional()
          .describe('In the name, the e-mail, or the digits of the number'),
        tag: z.string().max(60).optional(),
        channel: z.string().max(40).optional(),
      }),
      responses: {
        200: {
          description: 'A page of contacts',
          schema: listSchema(contactSchema),
          example: { items: [contactExample], next_cursor: null },
        },
      },
      async handler({ query: { query, tag, channel, ...page }, access: { scope } }) {
        const filter = {
          ...(query === undefined ? {} : { query }),
          ...(tag === undefined ? {} : { tag }),
          ...(channel === undefined ? {} : { channel }),
        };
        return listAnswer(await scope.contacts.list(filter, pageRequest(page)), contactJson);
      },
    }),
  ];
}

function singleRoutes({ events, suggestions, erasures }: ContactRouteNeeds): Route[] {
  const path = '/v1/contacts/{id}';
  const legacyPaths = ['/contacts/{id}'];
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path,
      legacyPaths,
      summary: 'Get a contact',
      params: idParams,
      responses: { 200: contactResponse },
      async handler({ params, access: { scope } }) {
        return json(200, contactJson(await contactIn(scope, params.id)));
      },
    }),
    defineRoute({
      ...common,
      method: 'PATCH',
      path,
      legacyPaths,
      summary: 'Change the named fields of a contact; null clears a field',
      params: idParams,
      body: jsonBody(contactBody, { phone: '+62 812 3456 7890', fields: { size: null } }),
      responses: { 200: contactResponse },
      async handler({ params, body, access: { scope } }) {
        const change = changeFrom(body, scope.settings);
        const contact = orNotFound(
          await conflicting(
            () => scope.contacts.update(params.id, change),
            () => offerMerge(scope, params.id, change, suggestions),
          ),
        );
        await events.emit(scope, 'contact.updated', contactJson(contact));
        return json(200, contactJson(contact));
      },
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path,
      legacyPaths,
      summary: 'Erase a contact with everything they wrote',
      params: idParams,
      responses: { 204: { description: 'Erased' } },
      async handler({ params, access: { scope } }) {
        const contact = await contactIn(scope, params.id);
        await erasures.erase(scope, contact);
        return empty;
      },
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: `${path}/merge`,
      summary: 'Merge two contacts',
      description:
        'Both ids answer as the one from then on; its own facts win, gaps are filled from the other.',
      params: idParams,
      body: jsonBody(z.strictObject({ other_id: idSchema }), { other_id: 'contact_Vb0n5xJQ7yLr2dHfE8sKaw' }),
      responses: { 200: contactResponse },
      async handler({ params, body, access: { scope } }) {
        const [contact, other] = await Promise.all([
          contactIn(scope, params.id),
          contactIn(scope, body.other_id),
        ]);
        if (contact.id === other.id) {
          throw new HttpProblem(422, 'same_contact', 'A contact cannot be merged with itself.');
        }
        const merged = orNotFound(await scope.contacts.merge(contact.id, other.id));
        await events.emit(scope, 'contact.merged', { ...contactJson(merged), merged_id: other.id });
        return json(200, contactJson(merged));
      },
    }),
  ];
}

function noteRoutes({ clock }: ContactRouteNeeds): Route[] {
  const path = '/v1/contacts/{id}/notes';
  return [
    defineRoute({
      ...common,
      method: 'POST',
      path,
      summary: 'Add a note about a contact',
      params: idParams,
      body: jsonBody(z.strictObject({ text: textSchema(16_000) }), { text: logExample.text }),
      responses: { 201: logResponse },
      async handler({ params, body, access: { scope } }) {
        const contact = await contactIn(scope, params.id);
        const note = await scope.contacts.addNote({
          contactId: contact.id,
          text: body.text,
          direction: 'note',
          at: clock.now(),
        });
        return json(201, noteJson(contact.id, note));
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path,
      summary: 'List the notes about a contact, newest first',
      params: idParams,
      query: pageQuery,
      responses: { 200: { ...logListResponse, description: 'Newest first' } },
      async handler({ params, query, access: { scope } }) {
        const contact = await contactIn(scope, params.id);
        const page = await scope.contacts.notes(contact, pageRequest(query));
        return listAnswer(page, (note) => noteJson(contact.id, note));
      },
    }),
  ];
}

async function contactIn(scope: TenantScope, id: string): Promise<Contact> {
  return orNotFound(await scope.contacts.get(id));
}

/** Another contact with this number or address may be the same person; staff decide. */
async function offerMerge(
  scope: TenantScope,
  id: string,
  { phone, email }: ContactChange,
  suggestions: ContactSuggestions,
): Promise<void> {
  const contact = await scope.contacts.get(id);
  for (const [field, value] of [
    ['phone', phone],
    ['email', email],
  ] as const) {
    const [other] = typeof value === 'string' ? await scope.contacts.find({ [field]: value }) : [];
    if (contact !== undefined && other !== undefined && other.id !== contact.id) {
      await suggestions.offerMerge(scope, contact, other, field);
    }
  }
}

async function conflicting<Result>(
  write: () => Promise<Result>,
  refused: () => Promise<void>,
): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'conflict') throw error;
    await refused();
    throw new HttpProblem(409, 'contact_exists', 'Another contact has this number, address or identity.');
  }
}
