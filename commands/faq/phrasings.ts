import { defineSubcommand, type CommandContext, type CommandReply } from '../../src/contracts/command.js';
import { FAQ_LIMITS, type FaqEntry } from '../../src/contracts/knowledge.js';
import type { Phrasings } from '../../src/contracts/phrasings.js';
import { quote } from '../../src/lib/text/excerpt.js';
import { findById, shortId } from '../../src/lib/ids/short-id.js';
import type { NeedsFaq } from '../shared/add-entry.js';

interface Needs extends NeedsFaq {
  readonly phrasings: Phrasings;
}

/** How many rows of buttons fit without scrolling. */
const MAX_LISTED = 5;
const entryOption = { type: 'text', required: true, description: 'command.faq.entry' } as const;

/** Lists the other phrasings of an entry, each with a button to remove it. */
export const listPhrasings = defineSubcommand({
  description: 'faq.phrasings',
  options: { entry: entryOption },
  async run(context: CommandContext<Needs>, { entry: id }) {
    const entry = await findEntry(context, id);
    return entry === undefined ? notFound(context, id) : phrasingsReply(context, entry);
  },
});

export const addPhrasing = defineSubcommand({
  description: 'faq.addPhrasing',
  options: {
    entry: entryOption,
    wording: { type: 'text', required: true, maxLength: FAQ_LIMITS.question, description: 'faq.wording' },
  },
  async run(context: CommandContext<Needs>, { entry: id, wording }) {
    const entry = await findEntry(context, id);
    if (entry === undefined) return notFound(context, id);
    const { phrasings = [] } = entry;
    if (phrasings.length >= FAQ_LIMITS.phrasings) return { text: context.t('faq.full') };
    return change(context, entry, [...new Set([...phrasings, wording])]);
  },
});

export const removePhrasing = defineSubcommand({
  description: 'faq.removePhrasing',
  options: {
    number: { type: 'integer', required: true, min: 1, max: FAQ_LIMITS.phrasings, description: 'faq.number' },
    entry: entryOption,
  },
  async run(context: CommandContext<Needs>, { entry: id, number }) {
    const entry = await findEntry(context, id);
    if (entry === undefined) return notFound(context, id);
    const { phrasings = [] } = entry;
    return change(
      context,
      entry,
      phrasings.filter((_, at) => at !== number - 1),
    );
  },
});

/** People's choices show how they phrase questions; staff decide which phrasings to keep. */
export const listProposals = defineSubcommand({
  description: 'faq.proposals',
  options: {},
  async run({ t, scope, services }: CommandContext<Needs>) {
    const open = await services.phrasings.open(scope);
    if (open.length === 0) return { text: t('faq.noProposals') };
    const [first] = open;
    const lines = open.slice(0, MAX_LISTED).map(({ proposal, entry }, at) =>
      t('faq.proposal', {
        number: at + 1,
        wording: quote(proposal.wording),
        question: quote(entry.question),
        count: proposal.people.length,
      }),
    );
    const id = shortId(first?.proposal.id ?? '');
    return {
      text: [t('faq.proposed', { count: open.length }), lines.join('\n')].join('\n\n'),
      buttons: [
        [{ label: t('faq.accept'), action: `/faq accept ${id}` }],
        [{ label: t('faq.decline'), action: `/faq decline ${id}` }],
      ],
    };
  },
});

export const acceptProposal = decision('approved', 'faq.accepted');
export const declineProposal = decision('dismissed', 'faq.declined');

function decision(status: 'approved' | 'dismissed', done: 'faq.accepted' | 'faq.declined') {
  return defineSubcommand({
    unlisted: true,
    description: 'faq.decide',
    options: { proposal: { type: 'text', required: true, description: 'faq.proposalId' } },
    async run({ t, scope, services }: CommandContext<Needs>, { proposal: id }) {
      const open = (await services.phrasings.open(scope)).map(({ proposal }) => proposal);
      const match = findById(open, id);
      const decided = match && (await services.phrasings.decide(scope, match.id, status));
      if (decided === undefined) return { text: t('faq.noProposal', { id: quote(id) }) };
      const { proposal, entry } = decided;
      const next = open.find((each) => each.id !== proposal.id);
      return {
        text: t(done, { wording: quote(proposal.wording), question: quote(entry.question) }),
        ...(next === undefined ? {} : { buttons: [[{ label: t('faq.next'), action: '/faq proposals' }]] }),
      };
    },
  });
}

async function change(
  context: CommandContext<Needs>,
  entry: FaqEntry,
  phrasings: readonly string[],
): Promise<CommandReply> {
  const updated = await context.services.faq.update(context.scope, entry.id, { phrasings });
  return updated === undefined ? notFound(context, entry.id) : phrasingsReply(context, updated);
}

function phrasingsReply({ t }: CommandContext, { id, question, phrasings = [] }: FaqEntry): CommandReply {
  const short = shortId(id);
  const lines = phrasings.map((wording, at) => `${at + 1}. ${quote(wording)}`);
  return {
    text: [
      t('faq.phrasingsOf', { question: quote(question), count: phrasings.length, id: short }),
      ...lines,
    ].join('\n'),
    buttons: phrasings
      .slice(0, MAX_LISTED)
      .map((_, at) => [
        { label: t('faq.removeNumber', { number: at + 1 }), action: `/faq unphrase ${at + 1} ${short}` },
      ]),
  };
}

async function findEntry({ scope }: CommandContext, id: string): Promise<FaqEntry | undefined> {
  return findById(await scope.faq.all(), id);
}

function notFound({ t }: CommandContext, id: string): CommandReply {
  return { text: t('command.faq.notFound', { id: quote(id) }) };
}
