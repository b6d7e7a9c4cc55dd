import type { MessageKey } from './i18n.js';
import type { FilePart } from './message.js';
import type { Contact, Conversation } from './stores.js';

interface OptionBase {
  /** For menus and usage; at most 100 characters in every language. */
  readonly description: MessageKey;
  readonly required?: boolean;
  /** Filled in by buttons only; shown in no menu, help or usage. */
  readonly unlisted?: boolean;
}

/** Words. Typed in a line, the last text of a command takes all that is left of it. */
export interface TextOption extends OptionBase {
  readonly type: 'text';
  readonly maxLength?: number;
  /** Typed in a line, it goes on until a `|`, as in `/teach question | answer`. */
  readonly until?: '|';
  /** How much of a line it takes; none, and `until` or the rest counts. */
  readonly takes?: (line: string) => number;
  /** May have several lines: asked for in a form where the platform has them. */
  readonly multiline?: boolean;
}

export interface NumberOption extends OptionBase {
  readonly type: 'integer' | 'number';
  readonly min?: number;
  readonly max?: number;
}

export interface BooleanOption extends OptionBase {
  readonly type: 'boolean';
}

export interface ChoiceOption extends OptionBase {
  readonly type: 'choice';
  /** Typed in a line, a word that is none of the choices belongs to the option after. */
  readonly orNext?: true;
  readonly choices: readonly {
    /** What is typed, and what `run` is given. */
    readonly value: string;
    readonly label: MessageKey;
    /** Other words for it, lower case. */
    readonly aliases?: readonly string[];
  }[];
}

/** A file that comes with the command; with `many`, all that come. */
export interface FileOption extends OptionBase {
  readonly type: 'file';
  readonly many?: boolean;
}

/** A conversation by its id, short id or exact name. */
export interface ConversationOption extends OptionBase {
  readonly type: 'conversation';
}

/** A person by id, short id, number, e-mail address or name. */
export interface ContactOption extends OptionBase {
  readonly type: 'contact';
  /**
   * Left out, it is the person who is answered from this chat. Typed in a line, it is the longest
   * beginning that names somebody.
   */
  readonly orHere?: boolean;
}

export type CommandOption =
  TextOption | NumberOption | BooleanOption | ChoiceOption | FileOption | ContactOption | ConversationOption;

/** Names have lower-case letters, digits and `_`, at most 32, as the narrowest platform wants. */
export type CommandOptions = Readonly<Record<string, CommandOption>>;

export interface CommandFile extends FilePart {
  download(): Promise<Uint8Array>;
}

type ValueOf<Option extends CommandOption> = Option extends { readonly type: 'text' }
  ? string
  : Option extends { readonly type: 'integer' | 'number' }
    ? number
    : Option extends { readonly type: 'boolean' }
      ? boolean
      : Option extends {
            readonly type: 'choice';
            readonly choices: readonly { readonly value: infer Value }[];
          }
        ? Value
        : Option extends { readonly type: 'file'; readonly many: true }
          ? readonly CommandFile[]
          : Option extends { readonly type: 'file' }
            ? CommandFile
            : Option extends { readonly type: 'contact' }
              ? Contact
              : Option extends { readonly type: 'conversation' }
                ? Conversation
                : never;

/** Only files of a `many` option are always there, if only as an empty list. */
type IsAlwaysThere<Option extends CommandOption> = Option extends
  { readonly required: true } | { readonly type: 'file'; readonly many: true }
  ? true
  : false;

/** What `run` is given for a set of options. */
export type OptionValues<Options extends CommandOptions> = {
  readonly [Name in keyof Options]: IsAlwaysThere<Options[Name]> extends true
    ? ValueOf<Options[Name]>
    : ValueOf<Options[Name]> | undefined;
};
