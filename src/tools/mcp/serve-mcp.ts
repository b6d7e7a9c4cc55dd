import {
  createMcpHandler,
  isLegacyRequest,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  WebStandardStreamableHTTPServerTransport,
  type CallToolResult,
  type Tool as McpTool,
} from '@modelcontextprotocol/server';
import type { ToolSpec } from '../../contracts/model.js';

/** The tools of a business as offered to MCP clients. */
export interface McpTools {
  list(): Promise<readonly (ToolSpec & { readonly isRead: boolean })[]>;
  /** `undefined`: there is no such tool. */
  call(
    name: string,
    input: Readonly<Record<string, unknown>>,
    /** The API user the call is for; `undefined`: the business itself. */
    userId: string | undefined,
  ): Promise<
    { readonly text: string; readonly data?: Record<string, unknown>; readonly isError: boolean } | undefined
  >;
}

/** Handles one client request, in the newest revision of the protocol or an earlier one. */
export async function serveMcp(request: Request, tools: McpTools): Promise<Response> {
  if (await isLegacyRequest(request)) {
    const server = openServer(tools);
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    await server.connect(transport);
    try {
      return await transport.handleRequest(request);
    } finally {
      await server.close();
    }
  }
  // Nothing is pushed, so responses are JSON and no stream stays open.
  const options = { legacy: 'reject', maxSubscriptions: 0 } as const;
  return createMcpHandler(() => openServer(tools), options).fetch(request);
}

function openServer(tools: McpTools): Server {
  const server = new Server({ name: 'sapa', version: '1' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', async () => ({ tools: (await tools.list()).map(asMcpTool) }));
  server.setRequestHandler('tools/call', async ({ params }): Promise<CallToolResult> => {
    const userId = params._meta?.['user_id'];
    const person = typeof userId === 'string' && userId !== '' ? userId : undefined;
    const result = await tools.call(params.name, params.arguments ?? {}, person);
    if (result === undefined) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no tool named ${params.name}.`);
    }
    const { text, data, isError } = result;
    return {
      content: [{ type: 'text', text }],
      ...(data === undefined ? {} : { structuredContent: data }),
      isError,
    };
  });
  return server;
}

function asMcpTool({
  name,
  description,
  inputSchema,
  isRead,
}: ToolSpec & { readonly isRead: boolean }): McpTool {
  return {
    name,
    description,
    inputSchema: { ...inputSchema, type: 'object' },
    annotations: { readOnlyHint: isRead },
  };
}
