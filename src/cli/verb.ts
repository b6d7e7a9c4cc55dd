import { Command } from 'commander';

/** The output of a verb: for people, or with `--json` for programs. */
export interface Report {
  readonly json: unknown;
  readonly text: string;
}

/** One verb of the command line, e.g. `create` of `keys create`. */
export class Verb extends Command {
  /** Sets what the verb does with its arguments and options; the report is printed when it is done. */
  reports<Values extends readonly unknown[]>(work: (...values: Values) => Promise<Report>): this {
    return this.action(async (...values: unknown[]) => {
      this.print(await work(...(values as unknown as Values)));
    });
  }

  /** For verbs that print something before they are done. */
  print({ json, text }: Report): void {
    const output = this.opts()['json'] === true ? JSON.stringify(json, null, 2) : text;
    if (output !== '') process.stdout.write(`${output}\n`);
  }
}
