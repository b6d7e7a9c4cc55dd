import type { MessageKey } from './i18n.js';
import type { FilePart } from './message.js';
import type { Contact, Conversation } from './stores.js';

interface OptionBase {
  /** For menus and usage; at most 100 characters in every language. */
  readonly description: MessageKey;
  readonly required?: boolean;
  /** Filled in by buttons only; not shown in menus, help or usage. */
  readonly unlisted?: boolean;
}

/** Text. On a typed line, the last text option takes the rest of the line. */
export interface TextOption extends OptionBase {
  readonly type: 'text';
  readonly maxLength?: number;
  /** On a typed line, it extends to the next `|`, as in `/teach question | answer`. */
  readonly until?: '|';
  /** On a typed line, read by its place alone, never as `name=value`: that may be about somebody else's name. */
  readonly unnamed?: true;
  /** How much of a typed line it takes; absent: `until` or the rest of the line decides. */
  readonly takes?: (line: string) => number;
  /** May span several lines; asked for in a form, where the platform has them. */
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
  /** On a typed line, a word that is none of the choices is read as the next option. */
  readonly orNext?: true;
  readonly choices: readonly {
    /** What people type and what `run` receives. */
    readonly value: string;
    readonly label: MessageKey;
    /** Alternative words for it, in lower case. */
    readonly aliases?: readonly string[];
  }[];
}

/** A file attached to the command; with `many`, all attached files. */
export interface FileOption extends OptionBase {
  readonly type: 'file';
  readonly many?: boolean;
}

/** A conversation by its id, short id or exact name. */
export interface ConversationOption extends OptionBase {
  readonly type: 'conversation';
}

/** A person, by id, short id, phone number, e-mail address or name. */
export interface ContactOption extends OptionBase {
  readonly type: 'contact';
  /**
   * Defaults to the person being answered from this chat. On a typed line, it is the longest beginning of the
   * line that names somebody.
   */
  readonly orHere?: boolean;
}

export type CommandOption =
  TextOption | NumberOption | BooleanOption | ChoiceOption | FileOption | ContactOption | ConversationOption;

/** Names consist of at most 32 lower-case letters, digits and `_`, the strictest platform's rule. */
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

/** Only the files of a `many` option are always present, possibly as an empty list. */
type IsAlwaysThere<Option extends CommandOption> = Option extends
  { readonly required: true } | { readonly type: 'file'; readonly many: true }
  ? true
  : false;

/** What `run` receives for a set of options. */
export type OptionValues<Options extends CommandOptions> = {
  readonly [Name in keyof Options]: IsAlwaysThere<Options[Name]> extends true
    ? ValueOf<Options[Name]>
    : ValueOf<Options[Name]> | undefined;
};
