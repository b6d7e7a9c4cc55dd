// One answer in the conversation: waiting, then growing as it is streamed, finally with its sources.
import { element, iconButton } from './dom.js';
import { renderMarkdown } from './markdown.js';

const THUMBS = {
  up: 'M7 11v9H4v-9zm0 0l4-8c1.500 0 2.500 1 2.500 2.500V9H19a2 2 0 0 1 2 2.300l-1.200 7A2 2 0 0 1 17.800 20H7',
  down: 'M7 13V4H4v9zm0 0l4 8c1.500 0 2.500-1 2.500-2.500V15H19a2 2 0 0 0 2-2.300l-1.200-7A2 2 0 0 0 17.800 4H7',
};

/** Sources of answers that the service has worded itself. */
const OWN_TEXTS = new Set(['command', 'tool']);

/** The command that a list item ends with, such as "Back to the assistant: `/bot`". */
function commandIn(item) {
  const code = item.lastChild;
  if (code?.nodeName !== 'CODE' || !code.textContent.startsWith('/')) return undefined;
  const send = code.textContent;
  const label = item.textContent.slice(0, -send.length).replace(/:\s*$/, '');
  return { label: label || send, send };
}

export class AnswerBubble {
  /** The element to insert into the conversation. */
  row = element('article');
  #bubble = element('div');
  #body = element('div');
  #waiting = element('div');
  #label;
  #role;
  #say;
  #rate;
  #choose;
  #text = '';

  constructor({ role, say, rate, choose }) {
    this.#role = role;
    this.#say = say;
    this.#rate = rate;
    this.#choose = choose;
    this.row.className = `row theirs ${role}`;
    const who = element('span', say(role === 'staff' ? 'web.staff' : 'web.assistant'));
    who.className = role === 'staff' ? 'badge' : 'quiet';
    this.#bubble.className = 'bubble';
    this.#body.className = 'body';
    this.#waiting.className = 'waiting';
    this.#label = element('span', say('web.typing'));
    this.#waiting.append(element('i'), element('i'), element('i'), this.#label);
    this.#bubble.append(this.#waiting, this.#body);
    this.row.append(who, this.#bubble);
  }

  remove() {
    this.row.remove();
  }

  /** Discards what was shown, because another model starts over. */
  clear() {
    this.show('');
  }

  status(words) {
    this.#label.textContent = words;
  }

  append(piece) {
    this.show(this.#text + piece);
  }

  show(text) {
    this.#text = text;
    this.#waiting.hidden = text !== '';
    this.#body.replaceChildren(renderMarkdown(text));
  }

  /** Shows the complete answer, which replaces whatever was streamed. */
  finish(answer) {
    if (answer.answer === '') {
      this.remove();
      return;
    }
    this.show(answer.answer);
    this.#waiting.remove();
    if (answer.choices?.length > 0) this.#offer(answer.choices);
    // Only the service's own texts may offer commands, not what a model or a person writes.
    if (this.#role === 'assistant' && OWN_TEXTS.has(answer.source)) this.#offerCommands();
    if (answer.citations.length > 0) this.#bubble.append(this.#sources(answer.citations));
    if (this.#role === 'assistant' && answer.source !== 'command') {
      this.row.append(this.#thumbs(answer.message_id));
    }
  }

  /** Shows the choices as buttons, in place of the numbered list meant for people who type. */
  #offer(choices) {
    this.#body.querySelector('ol')?.remove();
    this.#body.append(this.#buttons(choices));
  }

  /** Shows the commands listed at the end as buttons, in place of the list meant for people who type. */
  #offerCommands() {
    const list = this.#body.querySelector('ul:last-child');
    const commands = [...(list?.children ?? [])].map(commandIn);
    if (commands.length > 0 && !commands.includes(undefined)) list.replaceWith(this.#buttons(commands));
  }

  #buttons(choices) {
    const buttons = element('div');
    buttons.className = 'choices';
    for (const { label, send } of choices) {
      const button = element('button', label);
      button.type = 'button';
      button.addEventListener('click', () => this.#choose(send));
      buttons.append(button);
    }
    return buttons;
  }

  #sources(citations) {
    const details = element('details');
    details.className = 'sources';
    const summary = element(
      'summary',
      `${this.#say('web.sources')} · ${[...new Set(citations.map((item) => item.title))].join(', ')}`,
    );
    details.append(summary);
    const list = element('ol');
    for (const citation of citations) {
      const item = element('li');
      item.value = citation.n;
      item.append(element('strong', citation.title), element('q', citation.quote));
      list.append(item);
    }
    details.append(list);
    return details;
  }

  #thumbs(messageId) {
    const group = element('div');
    group.className = 'thumbs';
    const said = element('span');
    said.setAttribute('role', 'status');
    for (const [rating, key] of [
      ['up', 'web.helpful'],
      ['down', 'web.notHelpful'],
    ]) {
      const button = iconButton(THUMBS[rating]);
      button.title = this.#say(key);
      button.setAttribute('aria-label', this.#say(key));
      button.setAttribute('aria-pressed', 'false');
      button.addEventListener('click', async () => {
        try {
          await this.#rate(messageId, rating);
          for (const other of group.querySelectorAll('button'))
            other.setAttribute('aria-pressed', String(other === button));
          said.textContent = this.#say('web.feedbackThanks');
        } catch {
          said.textContent = this.#say('web.errorGeneric');
        }
      });
      group.append(button);
    }
    group.append(said);
    return group;
  }
}
