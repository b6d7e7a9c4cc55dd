/** A failure with a sentence for the person at the command line. */
export class CliError extends Error {
  override readonly name = 'CliError';
  constructor(
    readonly kind: 'failed' | 'wrong-use',
    message: string,
  ) {
    super(message);
  }
}
