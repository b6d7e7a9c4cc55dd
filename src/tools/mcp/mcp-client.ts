import {
  Client,
  ProtocolError,
  StreamableHTTPClientTransport,
  type CallToolResult,
  type FetchLike,
  type JsonSchemaValidator,
  type Tool,
} from '@modelcontextprotocol/client';
import { ToolError } from '../../contracts/tool.js';
import { OutboundError, type GuardedFetch } from '../../lib/net/guarded-fetch.js';
import { withDeadline } from '../../lib/work/with-deadline.js';
import type { HeaderMap } from '../custom/sealed-headers.js';
import { McpServerError } from './mcp-error.js';

/** Time limit for one connection to a server, in ms. */
const VISIT_MS = 30_000;
/** The most that is read of one response, in bytes. */
const READ_BYTES = 2 * 1024 * 1024;
/** Servers list their tools page by page; no real server has more pages than this. */
const MOST_PAGES = 10;
const LONGEST_ERROR = 500;

export interface McpTarget {
  readonly url: string;
  readonly headers: HeaderMap;
}

export interface McpVisit {
  readonly outbound: GuardedFetch;
  readonly signal: AbortSignal;
}

/** Lists the tools of a server, and the name it gives itself. Rejects with `McpServerError`. */
export async function listMcpTools(
  target: McpTarget,
  visit: McpVisit,
): Promise<{ readonly serverName: string; readonly tools: readonly Tool[] }> {
  const line = openLine(target, visit.outbound);
  try {
    return await withDeadline(visit.signal, VISIT_MS, (signal) =>
      line.use(signal, async (client) => {
        const tools: Tool[] = [];
        let cursor: string | undefined;
        for (let page = 0; page < MOST_PAGES; page += 1) {
          const answer = await client.listTools(cursor === undefined ? {} : { cursor }, { signal });
          tools.push(...answer.tools);
          cursor = answer.nextCursor;
          if (cursor === undefined) break;
        }
        return { serverName: client.getServerVersion()?.name ?? 'mcp', tools };
      }),
    );
  } catch (cause) {
    visit.signal.throwIfAborted();
    throw new McpServerError(problemOf(cause, line), { cause });
  }
}

export interface McpToolCall {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly isWrite: boolean;
  /** The same for retries of one run, so that a server can recognise duplicates. */
  readonly idempotencyKey: string;
}

/** Calls a tool of a server. Rejects only with `ToolError`, or with the abort reason of the signal. */
export async function callMcpTool(target: McpTarget, call: McpToolCall, visit: McpVisit): Promise<unknown> {
  const headers = { ...target.headers, 'idempotency-key': call.idempotencyKey };
  const line = openLine({ ...target, headers }, visit.outbound);
  let result: CallToolResult;
  try {
    result = await withDeadline(visit.signal, VISIT_MS, (signal) =>
      line.use(signal, (client) =>
        client.callTool({ name: call.tool, arguments: { ...call.input } }, { signal, timeout: VISIT_MS }),
      ),
    );
  } catch (cause) {
    visit.signal.throwIfAborted();
    // An error reported by the server itself is a definite answer.
    const isAnswer = cause instanceof ProtocolError;
    const kind = call.isWrite && line.callMayHaveArrived && !isAnswer ? 'unknown' : 'failed';
    throw new ToolError(kind, problemOf(cause, line), { cause });
  }
  return resultOf(result);
}

function getValidator<T>(): JsonSchemaValidator<T> {
  return (data) => ({ valid: true, data: data as T, errorMessage: undefined });
}

interface Line {
  use<T>(signal: AbortSignal, work: (client: Client) => Promise<T>): Promise<T>;
  /** Whether the tool may have started. */
  callMayHaveArrived: boolean;
  isForbidden: boolean;
}

/** One connection: opened on use, closed afterwards. */
function openLine(target: McpTarget, outbound: GuardedFetch): Line {
  const line: Line = {
    callMayHaveArrived: false,
    isForbidden: false,
    async use(signal, work) {
      const transport = new StreamableHTTPClientTransport(new URL(target.url), {
        fetch: guarded(target, outbound, line),
        reconnectionOptions: {
          maxRetries: 0,
          initialReconnectionDelay: 1000,
          maxReconnectionDelay: 1000,
          reconnectionDelayGrowFactor: 1,
        },
      });
      const client = new Client(
        { name: 'sapa', version: '1' },
        {
          versionNegotiation: { mode: 'auto' },
          // Results are treated as plain data; foreign schemas are not compiled.
          jsonSchemaValidator: { getValidator },
        },
      );
      try {
        await client.connect(transport, { signal, timeout: VISIT_MS });
        const answer = await work(client);
        if (transport.sessionId !== undefined) await transport.terminateSession().catch(() => undefined);
        return answer;
      } finally {
        await client.close().catch(() => undefined);
      }
    },
  };
  return line;
}

/** Restricts the SDK's requests to this server, through the guarded fetcher. */
function guarded({ url, headers }: McpTarget, outbound: GuardedFetch, line: Line): FetchLike {
  const { origin } = new URL(url);
  return async (input, init = {}) => {
    const to = new URL(input);
    const method = init.method ?? 'GET';
    // An event stream would outlast the connection, and servers need not support one.
    if (method === 'GET') return new Response(null, { status: 405 });
    if (to.origin !== origin || (method !== 'POST' && method !== 'DELETE')) {
      throw new McpServerError('The server leads elsewhere.');
    }
    const body = typeof init.body === 'string' ? init.body : undefined;
    const isCall = body?.includes('"tools/call"') ?? false;
    try {
      const answer = await outbound.fetch(to, {
        method,
        headers: {
          ...Object.fromEntries(new Headers(init.headers)),
          ...headers,
          'accept-encoding': 'identity',
          ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
        },
        ...(body === undefined ? {} : { body }),
        signal: init.signal ?? new AbortController().signal,
        maxBytes: READ_BYTES,
      });
      if (isCall) line.callMayHaveArrived = answer.status < 400 || answer.status >= 500;
      if (answer.body.length >= READ_BYTES) throw new McpServerError('The answer is too long.');
      const hasBody = answer.body.length > 0 && ![204, 205, 304].includes(answer.status);
      return new Response(hasBody ? new Uint8Array(answer.body) : null, {
        status: answer.status,
        headers: Object.entries(answer.headers).flatMap(([name, value]) =>
          typeof value === 'string' ? [[name, value] as [string, string]] : [],
        ),
      });
    } catch (error) {
      if (error instanceof OutboundError) {
        line.isForbidden ||= error.kind === 'forbidden';
        if (isCall) line.callMayHaveArrived = error.mayHaveArrived;
      }
      throw error;
    }
  };
}

function problemOf(cause: unknown, line: Line): string {
  if (line.isForbidden) return 'The server is at an address that cannot be called.';
  if (cause instanceof McpServerError) return cause.message;
  if (cause instanceof ProtocolError) return `The server refused: ${cause.message.slice(0, LONGEST_ERROR)}`;
  return 'The server did not answer as an MCP server does.';
}

function resultOf({ content, structuredContent, isError }: CallToolResult): unknown {
  const texts = content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`));
  const text = texts.join('\n');
  if (isError === true) throw new ToolError('failed', text.slice(0, LONGEST_ERROR) || 'The tool failed.');
  return structuredContent ?? { text };
}
