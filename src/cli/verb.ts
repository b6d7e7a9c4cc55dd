import { Command } from 'commander';

/** The output of a verb: for a person, or with `--json` for a program. */
export interface Report {
  readonly json: unknown;
  readonly text: string;
}

/** One verb of the command line, e.g. `create` of `keys create`. */
export class Verb extends Command {
  /** What the verb does with its arguments and options, printed when it is done. */
  reports<Values extends readonly unknown[]>(work: (...values: Values) => Promise<Report>): this {
    return this.action(async (...values: unknown[]) => {
      this.print(await work(...(values as unknown as Values)));
    });
  }

  /** For a verb that has something to say before it is done. */
  print({ json, text }: Report): void {
    const output = this.opts()['json'] === true ? JSON.stringify(json, null, 2) : text;
    if (output !== '') process.stdout.write(`${output}\n`);
  }
}
