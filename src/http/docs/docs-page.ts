import { DOCS_STYLE } from './docs-style.js';
import type { OpenApiDocument, OperationObject, ParameterObject } from './openapi.js';

interface NamedOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: OperationObject;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** Text in which only `code` in backticks is rendered as Markdown. */
function prose(text: string): string {
  return escape(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function codeBlock(value: unknown, label: string): string {
  // A scrolling block can be reached by keyboard only if it is focusable.
  return `<pre tabindex="0" aria-label="${escape(label)}"><code>${escape(JSON.stringify(value, null, 2))}</code></pre>`;
}

/** The whole page as HTML, without scripts and without requests to anywhere. */
export function renderDocsPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const groups = document.tags
    .map((tag) => ({
      tag,
      operations: operations.filter(({ operation }) => operation.tags.includes(tag.name)),
    }))
    .filter((group) => group.operations.length > 0);
  const links = groups.map((group) => navigation(group.tag.name, group.operations)).join('');
  const sections = groups
    .map(
      ({ tag, operations: own }) =>
        `<section aria-labelledby="tag-${tag.name}"><h2 id="tag-${tag.name}">${escape(tag.name)}</h2>` +
        `<p class="soft">${prose(tag.description)}</p>${own.map(article).join('')}</section>`,
    )
    .join('');
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8">` +
    `<meta name="viewport" content="width=device-width, initial-scale=1">` +
    `<title>${escape(document.info.title)} API</title><style>${DOCS_STYLE}</style></head><body>` +
    `<a class="skip" href="#content">Skip to the routes</a><div class="frame">` +
    `<nav aria-label="Routes">${links}</nav>` +
    `<main id="content"><h1>${escape(document.info.title)} API</h1>` +
    `<p class="soft">Version ${escape(document.info.version)} · <a href="/openapi.json">openapi.json</a></p>` +
    `<p>${prose(document.info.description)}</p>${sections}</main></div></body></html>`
  );
}

function navigation(tag: string, operations: readonly NamedOperation[]): string {
  const items = operations.map(
    ({ operation }) => `<li><a href="#${operation.operationId}">${escape(operation.summary)}</a></li>`,
  );
  return `<h2>${escape(tag)}</h2><ul>${items.join('')}</ul>`;
}

function article({ method, path, operation }: NamedOperation): string {
  const { operationId, summary, description, parameters, requestBody } = operation;
  return [
    `<article id="${operationId}"><h3><span class="method ${method}">${method.toUpperCase()}</span>`,
    `<code>${escape(path)}</code></h3><p>${prose(summary)}</p>`,
    description === undefined ? '' : `<p class="soft">${prose(description)}</p>`,
    `<p class="soft">${access(operation)}</p>`,
    parameterTable(parameters),
    requestBody === undefined ? '' : contents('Body', requestBody.content),
    ...Object.entries(operation.responses).map(([status, response]) => responseBlock(status, response)),
    '</article>',
  ].join('');
}

function access({ security }: OperationObject): string {
  const [first] = security;
  if (first === undefined) return 'No key needed';
  return 'visitor' in first ? 'Needs the visitor’s token' : 'Needs an API key in <code>X-API-Key</code>';
}

function parameterTable(parameters: readonly ParameterObject[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map((parameter) => {
    const described =
      (parameter.schema as { description?: string }).description ?? parameter.description ?? '';
    const need = parameter.required ? 'required' : 'optional';
    return `<tr><th scope="row"><code>${escape(parameter.name)}</code></th><td>${parameter.in}, ${need}</td><td>${prose(described)}</td></tr>`;
  });
  return `<h4>Parameters</h4><div class="scroll"><table><tbody>${rows.join('')}</tbody></table></div>`;
}

function contents(title: string, content: Readonly<Record<string, unknown>>): string {
  return Object.entries(content)
    .map(([mediaType, value]) => {
      const { schema, example } = value as { schema?: unknown; example?: unknown };
      const label = `${title}, ${mediaType}`;
      return (
        `<h4>${escape(title)} <code>${escape(mediaType)}</code></h4>` +
        (example === undefined ? '' : codeBlock(example, `Example: ${label}`)) +
        `<details><summary>Schema</summary>${codeBlock(schema, `Schema: ${label}`)}</details>`
      );
    })
    .join('');
}

function responseBlock(status: string, response: Readonly<Record<string, unknown>>): string {
  if (status === 'default') return '';
  const { description, content } = response as { description: string; content?: Record<string, unknown> };
  const title = `${status} ${description}`;
  return content === undefined ? `<h4>${prose(title)}</h4>` : contents(title, content);
}
