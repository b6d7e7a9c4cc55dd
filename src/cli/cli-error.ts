/** A failure with a message for the person at the command line. */
export class CliError extends Error {
  override readonly name = 'CliError';
  constructor(
    readonly kind: 'failed' | 'wrong-use',
    message: string,
  ) {
    super(message);
  }
}

/** An error about wrong fields. Contains only paths and messages, because the values may be secrets. */
export function wrongFields(
  sentence: string,
  problems: readonly { readonly path: readonly PropertyKey[] | string; readonly message: string }[],
): CliError {
  const lines = problems.map(({ path, message }) => {
    const dotted = typeof path === 'string' ? path : path.map(String).join('.');
    return `  ${dotted}: ${message}`;
  });
  return new CliError('wrong-use', [sentence, ...lines].join('\n'));
}
