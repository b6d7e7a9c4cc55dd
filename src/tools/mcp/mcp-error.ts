/** The server cannot be used as it is. */
export class McpServerError extends Error {
  override readonly name = 'McpServerError';
}
