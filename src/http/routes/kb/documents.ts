import { z } from 'zod';
import type { Chunk } from '../../../contracts/knowledge.js';
import { idParams, listSchema, pageQuery } from '../../../lib/api/fields.js';
import { listAnswer, pageOfList, pageRequest } from '../../../lib/api/page.js';
import { defineRoute, empty, json, type Route } from '../../../lib/api/route.js';
import { notFound, orNotFound } from '../../../lib/api/problem.js';
import { documentExample, documentJson, documentSchema } from './document-json.js';
import type { KnowledgeRouteNeeds } from './needs.js';

const chunkSchema = z.object({
  chunk_id: z.string(),
  ordinal: z.int().describe('Position in the document, from 0'),
  headings: z.array(z.string()),
  text: z.string(),
});

function chunkJson({ id, ordinal, headings, text }: Chunk): z.output<typeof chunkSchema> {
  return { chunk_id: id, ordinal, headings: [...headings], text };
}

const common = { auth: 'tenant', tag: 'knowledge' } as const;

/** Listing, reading and deleting documents and their passages. */
export function documentRoutes(deps: KnowledgeRouteNeeds): Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/kb/documents',
      summary: 'List documents',
      query: pageQuery,
      responses: {
        200: {
          description: 'A page of documents',
          schema: listSchema(documentSchema),
          example: { items: [documentExample], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        return listAnswer(await scope.documents.list(pageRequest(query)), documentJson);
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/kb/documents/{id}',
      summary: 'Get a document and its status',
      params: idParams,
      responses: { 200: { description: 'The document', schema: documentSchema, example: documentExample } },
      async handler({ params, access: { scope } }) {
        const document = orNotFound(await scope.documents.get(params.id));
        return json(200, documentJson(document));
      },
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path: '/v1/kb/documents/{id}',
      summary: 'Delete a document',
      params: idParams,
      responses: { 204: { description: 'Deleted, with its passages and its file' } },
      async handler({ params, access: { scope } }) {
        if (!(await deps.knowledge.remove(scope, params.id))) throw notFound();
        return empty;
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/kb/documents/{id}/chunks',
      summary: 'List the passages of a document',
      params: idParams,
      query: pageQuery,
      responses: {
        200: {
          description: 'In order',
          schema: listSchema(chunkSchema),
          example: {
            items: [
              { chunk_id: 'shipping:0', ordinal: 0, headings: ['Shipping'], text: 'We ship on weekdays.' },
            ],
            next_cursor: null,
          },
        },
      },
      async handler({ params, query, access: { scope } }) {
        if (!(await scope.documents.get(params.id))) throw notFound();
        return pageOfList(await scope.documents.chunks(params.id), query, ({ id }) => id, chunkJson);
      },
    }),
  ];
}
