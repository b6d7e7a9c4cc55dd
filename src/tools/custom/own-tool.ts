import type { Confirmation } from '../../contracts/tool.js';

/** Where an argument goes that has no place in the address. */
export interface ArgumentPlace {
  readonly in: 'query' | 'header' | 'body';
  /** As the service calls it. */
  readonly name: string;
}

/** One request to a service of the business. */
export interface HttpCall {
  readonly type: 'http';
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{argument}` in the path or the query. */
  readonly url: string;
  readonly places: Readonly<Record<string, ArgumentPlace>>;
  /** What becomes of arguments that stand nowhere else. */
  readonly rest: 'query' | 'body';
  readonly resultPath?: string;
}

/** One tool of an MCP server that the business connected. */
export interface McpCall {
  readonly type: 'mcp';
  readonly serverId: string;
  /** As the server calls it. */
  readonly tool: string;
}

/** A tool that a business added. */
export interface OwnTool {
  readonly name: string;
  readonly description: string;
  readonly effect: 'read' | 'write';
  readonly confirmation?: Confirmation;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly call: HttpCall | McpCall;
  /** Headers of the request, encrypted; their names and values are never shown again. */
  readonly sealedHeaders?: string;
  readonly createdAt: Date;
}

export type NewTool = Omit<OwnTool, 'createdAt' | 'sealedHeaders'>;

/** Of one business: all of them are told to the model at every turn. */
export const MOST_OWN_TOOLS = 200;

/** An MCP server that the business connected; its tools are `OwnTool`s. */
export interface McpServer {
  readonly id: string;
  readonly url: string;
  readonly sealedHeaders?: string;
  /** Tools of it that the business removed: they do not come back. */
  readonly removed: readonly string[];
  readonly refreshedAt: Date;
}
