import type { Confirmation } from '../../contracts/tool.js';

/** Where an argument goes that has no placeholder in the URL. */
export interface ArgumentPlace {
  readonly in: 'query' | 'header' | 'body';
  /** Its name at the service. */
  readonly name: string;
}

/** One request to a service of the business. */
export interface HttpCall {
  readonly type: 'http';
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** May contain `{argument}` in the path or the query. */
  readonly url: string;
  readonly places: Readonly<Record<string, ArgumentPlace>>;
  /** Where all other arguments go. */
  readonly rest: 'query' | 'body';
  readonly resultPath?: string;
}

/** One tool of an MCP server the business connected. */
export interface McpCall {
  readonly type: 'mcp';
  readonly serverId: string;
  /** Its name at the server. */
  readonly tool: string;
}

/** A tool that a business added. */
export interface CustomTool {
  readonly name: string;
  readonly description: string;
  readonly effect: 'read' | 'write';
  readonly confirmation?: Confirmation;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly call: HttpCall | McpCall;
  /** Encrypted request headers; their names and values are never shown again. */
  readonly sealedHeaders?: string;
  readonly createdAt: Date;
}

export type NewTool = Omit<CustomTool, 'createdAt' | 'sealedHeaders'>;

/** Limit per business, because every turn includes all of them in the prompt. */
export const MOST_CUSTOM_TOOLS = 200;

/** An MCP server the business connected; its tools are `CustomTool`s. */
export interface McpServer {
  readonly id: string;
  readonly url: string;
  readonly sealedHeaders?: string;
  /** Its tools that the business removed; they do not come back. */
  readonly removed: readonly string[];
  readonly refreshedAt: Date;
}
