import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMcpHandler, Server, type CallToolResult, type Tool } from '@modelcontextprotocol/server';

export interface McpStage {
  readonly url: string;
  /** Its tools; may be changed. */
  tools: Tool[];
  /** Names and arguments of the tools that were called. */
  readonly runs: {
    readonly name: string;
    readonly input: unknown;
    readonly headers: IncomingMessage['headers'];
  }[];
  run: (name: string, input: unknown) => CallToolResult | 'cut';
  close(): Promise<void>;
}

/** A third-party MCP server, built with the official SDK. */
export async function startMcpStage(): Promise<McpStage> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      if (text.includes('"tools/call"') && stage.run('', undefined) === 'cut') {
        response.destroy();
        return;
      }
      const answer = await handlerFor(request.headers).fetch(
        new Request(`${stage.url}${request.url ?? ''}`, {
          method: request.method ?? 'GET',
          headers: Object.entries(request.headers).flatMap(([name, value]) =>
            typeof value === 'string' ? [[name, value] as [string, string]] : [],
          ),
          ...(text === '' ? {} : { body: text }),
        }),
      );
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(Buffer.from(await answer.arrayBuffer()));
    })();
  });
  const handlerFor = (headers: IncomingMessage['headers']) =>
    createMcpHandler(() => {
      const mcp = new Server({ name: 'Weather Station', version: '3' }, { capabilities: { tools: {} } });
      mcp.setRequestHandler('tools/list', () => ({ tools: stage.tools }));
      mcp.setRequestHandler('tools/call', ({ params: { name, arguments: input } }) => {
        stage.runs.push({ name, input, headers });
        const result = stage.run(name, input);
        if (result === 'cut') throw new Error('cut');
        return result;
      });
      return mcp;
    });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stage: McpStage = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tools: [],
    runs: [],
    run: () => ({ content: [{ type: 'text', text: 'ok' }] }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return stage;
}
