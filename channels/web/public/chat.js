// The chat itself, as a custom element used by both the playground page and the widget.
import { AnswerBubble } from './answer-bubble.js';
import { ChatClient, ChatError } from './chat-client.js';
import { element, iconButton } from './dom.js';
import { followEnd } from './follow-end.js';
import { VisitorEvents } from './visitor-events.js';
import { applyTheme, isDark, keepPreferences, readPreferences } from './preferences.js';

const ORIGIN = new URL(import.meta.url).origin;
const LANGUAGES = { en: 'English', id: 'Indonesia' };
const SUGGESTIONS = ['web.suggestion1', 'web.suggestion2', 'web.suggestion3', 'web.suggestion4'];
const LONGEST_MESSAGE = 8000;

export class SapaChat extends HTMLElement {
  #client;
  #events;
  /** Ids of the messages on the page. */
  #shown = new Set();
  /** Messages sent while an answer was being written, in order. */
  #queue = [];
  #attendance = 'bot';
  /** A note saying until when the team is away, in the language of the page. */
  #away = '';
  #strings = {};
  #locale;
  #running;
  #parts = {};

  connectedCallback() {
    if (this.shadowRoot) {
      if (this.#shown.size > 0) this.#events.start();
      return;
    }
    this.attachShadow({ mode: 'open' });
    this.#client = new ChatClient(ORIGIN, this.getAttribute('tenant') ?? undefined);
    this.#events = new VisitorEvents(this.#client, (event, data) => this.#hearUnasked(event, data));
    this.#build();
    void this.#start();
  }

  disconnectedCallback() {
    this.#events?.stop();
  }

  focusComposer() {
    this.#parts.input.focus();
  }

  async #start() {
    const preferences = readPreferences();
    applyTheme(preferences.theme);
    try {
      await this.#speak(preferences.locale ?? browserLanguage());
      await this.#showHistory();
    } catch (error) {
      this.#complain(error, () => void this.#start());
    }
  }

  /** Loads and applies the texts of the page in a language. */
  async #speak(locale) {
    const session = await this.#client.begin(locale);
    this.#strings = session.strings;
    this.#locale = session.locale;
    this.#events.restart(this.#locale);
    const { header, skip, log, input, send, stop, language, theme, fresh, greeting } = this.#parts;
    const name = session.tenant.name;
    header.querySelector('h1').textContent = name;
    header.querySelector('.avatar').textContent = name.slice(0, 1);
    skip.textContent = this.#say('web.skipToMessage');
    log.setAttribute('aria-label', this.#say('web.conversation'));
    input.placeholder = this.#say('web.placeholder');
    input.setAttribute('aria-label', this.#say('web.messageLabel'));
    send.setAttribute('aria-label', this.#say('web.send'));
    send.title = this.#say('web.send');
    stop.setAttribute('aria-label', this.#say('web.stop'));
    stop.title = this.#say('web.stop');
    language.setAttribute('aria-label', this.#say('web.language'));
    language.value = this.#locale;
    theme.setAttribute('aria-label', this.#say('web.theme'));
    theme.title = this.#say('web.theme');
    fresh.setAttribute('aria-label', this.#say('web.newChat'));
    fresh.title = this.#say('web.newChat');
    greeting.querySelector('h2').textContent = this.#say('web.greetingTitle');
    greeting.querySelector('p').textContent = this.#say('web.greetingText');
    for (const [index, button] of [...greeting.querySelectorAll('button')].entries()) {
      button.textContent = this.#say(SUGGESTIONS[index]);
      // Only the sample business has questions to suggest.
      button.hidden = button.textContent === '';
    }
    this.#showAttendance();
    this.lang = this.#locale;
    const detail = { title: this.#say('web.title'), locale: this.#locale };
    this.dispatchEvent(new CustomEvent('sapa-chat-ready', { bubbles: true, composed: true, detail }));
  }

  #say(key) {
    return this.#strings[key] ?? '';
  }

  async #showHistory() {
    let items;
    try {
      ({ items } = await this.#client.history());
    } catch (error) {
      if (!(error instanceof ChatError) || !['unauthorized', '401'].includes(error.code)) throw error;
      // The visitor's token is too old or from another installation: start over as a new visitor.
      this.#client.forget();
      await this.#client.begin(this.#locale);
      return;
    }
    for (const item of items) {
      this.#shown.add(item.id);
      if (item.role !== 'user') this.#events.last = item.id;
      if (item.role === 'user') this.#addQuestion(item.text);
      else {
        const bubble = this.#addAnswer(item.role);
        bubble.show(item.text);
        bubble.finish({
          message_id: item.id,
          answer: item.text,
          source: item.source,
          citations: item.citations ?? [],
        });
      }
    }
    // Nobody writes to visitors who have not written themselves.
    if (items.length > 0) this.#events.start();
    this.#parts.end.goThere();
  }

  async #ask(text) {
    const question = text.trim().slice(0, LONGEST_MESSAGE);
    if (question === '') return;
    this.#parts.input.value = '';
    this.#parts.send.disabled = true;
    this.#resize();
    const row = this.#addQuestion(question);
    if (this.#running || this.#queue.length > 0) {
      row.classList.add('queued');
      this.#queue.push({ question, row });
      if (!this.#running) this.#askNext();
      return;
    }
    await this.#answer(question, newMessageKey());
  }

  /**
   * Sends the next message written meanwhile and moves it to the end, so that its answer appears below it.
   */
  #askNext() {
    const next = this.#queue.shift();
    if (next === undefined) return;
    next.row.classList.remove('queued');
    this.#parts.log.append(next.row, ...this.#queue.map(({ row }) => row));
    void this.#answer(next.question, newMessageKey());
  }

  async #answer(question, key) {
    const bubble = this.#addAnswer('assistant');
    // Messages still waiting to be sent stay below this answer.
    this.#parts.log.append(...this.#queue.map(({ row }) => row));
    const running = new AbortController();
    this.#begin(running, key);
    try {
      await this.#client.ask(
        question,
        key,
        this.#locale,
        (event, data) => this.#hear(bubble, event, data),
        running.signal,
      );
    } catch (error) {
      bubble.remove();
      // If a new chat was started meanwhile, nobody is waiting for this answer any more.
      if (!running.signal.aborted) this.#complain(error, () => void this.#answer(question, key));
      if (this.#running === running) this.#end();
      return;
    }
    if (this.#running !== running) return;
    this.#end();
    this.#events.start();
    this.#askNext();
  }

  #begin(running, key) {
    const { stop } = this.#parts;
    this.#running = running;
    stop.hidden = false;
    // What has been written so far arrives as the answer, on the open connection.
    stop.onclick = () => void this.#client.stop(key).catch(() => undefined);
  }

  #end() {
    this.#running = undefined;
    this.#parts.stop.hidden = true;
  }

  #hear(bubble, event, data) {
    if (event === 'status') {
      if (data.state === 'restart') bubble.clear();
      else if (data.state === 'searching') bubble.status(this.#say('web.searching'));
      else bubble.status(this.#say('web.typing'));
    } else if (event === 'delta') bubble.append(data.text);
    else if (event === 'done') {
      this.#shown.add(data.message_id);
      bubble.finish(data);
    }
    this.#parts.end.keep();
  }

  /** Handles messages that are not answers; a message already on the page is not shown again. */
  #hearUnasked(event, data) {
    if (event === 'attendance') {
      this.#attendance = data.state;
      this.#away = data.away ?? '';
      this.#showAttendance();
    }
    if (event !== 'message' || this.#shown.has(data.message_id)) return;
    this.#shown.add(data.message_id);
    const files = data.bubbles.filter(({ type }) => type === 'file').map(({ file }) => `📎 ${file.name}`);
    const text = [data.answer, ...files].filter((part) => part !== '').join('\n\n');
    const bubble = this.#addAnswer(data.role);
    bubble.show(text);
    // As a `command` it has no rating buttons: messages from people and notices of the service are not rated.
    bubble.finish({ ...data, answer: text, source: 'command' });
    this.#parts.end.keep();
  }

  #showAttendance() {
    const { attendance } = this.#parts;
    const keys = { waiting: 'web.attendanceWaiting', person: 'web.attendancePerson' };
    const words = [this.#say(keys[this.#attendance]), this.#away].filter((part) => part !== '').join(' ');
    attendance.textContent = words;
    attendance.hidden = words === '';
  }

  #complain(error, again) {
    const known = {
      connection_lost: 'web.connectionLost',
      too_many_requests: 'web.errorTooMany',
      too_large: 'web.errorTooLong',
    };
    const code = error instanceof ChatError ? error.code : 'error';
    const note = element('div');
    note.className = 'note';
    note.setAttribute('role', 'alert');
    note.append(element('span', this.#say(known[code] ?? 'web.errorGeneric') || 'Something went wrong.'));
    const button = element('button', this.#say('web.retry') || 'Try again');
    button.type = 'button';
    button.addEventListener('click', () => {
      note.remove();
      again();
    });
    note.append(button);
    this.#parts.log.append(note);
    this.#parts.end.goThere();
  }

  #addQuestion(text) {
    this.#parts.greeting.hidden = true;
    const row = element('article');
    row.className = 'row mine';
    const who = element('span', this.#say('web.you'));
    who.className = 'quiet';
    const bubble = element('div');
    bubble.className = 'bubble';
    bubble.append(element('p', text));
    row.append(who, bubble);
    this.#parts.log.append(row);
    this.#parts.end.goThere();
    return row;
  }

  #addAnswer(role) {
    this.#parts.greeting.hidden = true;
    const bubble = new AnswerBubble({
      role,
      say: (key) => this.#say(key),
      rate: (messageId, rating) => this.#client.rate(messageId, rating),
      choose: (words) => void this.#ask(words),
    });
    this.#parts.log.append(bubble.row);
    return bubble;
  }

  #build() {
    const root = this.shadowRoot;
    const style = element('link');
    style.rel = 'stylesheet';
    style.href = `${ORIGIN}/chat.css`;
    const skip = element('a');
    skip.className = 'skip';
    skip.href = '#message';
    const log = element('section');
    log.className = 'log';
    log.setAttribute('role', 'log');
    log.setAttribute('aria-live', 'polite');
    log.tabIndex = 0;
    const greeting = this.#buildGreeting();
    log.append(greeting);
    const header = this.#buildHeader();
    const composer = this.#buildComposer();
    skip.addEventListener('click', (event) => {
      event.preventDefault();
      this.focusComposer();
    });
    const attendance = element('p');
    attendance.className = 'attendance';
    attendance.setAttribute('role', 'status');
    attendance.hidden = true;
    Object.assign(this.#parts, { skip, log, end: followEnd(log), greeting, header, attendance });
    root.append(style, skip, header, attendance, log, composer);
  }

  #buildGreeting() {
    const greeting = element('div');
    greeting.className = 'greeting';
    const suggestions = element('div');
    suggestions.className = 'suggestions';
    for (const key of SUGGESTIONS) {
      const button = element('button');
      button.type = 'button';
      button.addEventListener('click', () => void this.#ask(this.#say(key)));
      suggestions.append(button);
    }
    greeting.append(element('h2'), element('p'), suggestions);
    return greeting;
  }

  #buildHeader() {
    const header = element('header');
    const avatar = element('span');
    avatar.className = 'avatar';
    avatar.setAttribute('aria-hidden', 'true');
    const language = element('select');
    for (const [value, label] of Object.entries(LANGUAGES)) language.append(new Option(label, value));
    language.addEventListener('change', () => {
      keepPreferences({ locale: language.value });
      void this.#speak(language.value);
    });
    const theme = iconButton('M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9z', () => {
      const next = isDark() ? 'light' : 'dark';
      keepPreferences({ theme: next });
      applyTheme(next);
    });
    const fresh = iconButton('M12 5v14M5 12h14', () => void this.#restart());
    Object.assign(this.#parts, { language, theme, fresh });
    header.append(avatar, element('h1'), language, theme, fresh);
    return header;
  }

  #buildComposer() {
    const form = element('form');
    const input = element('textarea');
    input.id = 'message';
    input.rows = 1;
    input.maxLength = LONGEST_MESSAGE;
    input.enterKeyHint = 'send';
    const send = iconButton('M4 12l16-8-6 16-3-7z');
    send.type = 'submit';
    send.className = 'icon send';
    send.disabled = true;
    input.addEventListener('input', () => {
      this.#resize();
      send.disabled = input.value.trim() === '';
    });
    input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        void this.#ask(input.value);
      }
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#ask(input.value);
    });
    const stop = iconButton('M7 7h10v10H7z');
    stop.className = 'icon stop';
    stop.hidden = true;
    Object.assign(this.#parts, { input, send, stop });
    form.append(input, stop, send);
    return form;
  }

  async #restart() {
    this.#running?.abort();
    this.#end();
    this.#queue.length = 0;
    this.#events.stop();
    this.#shown.clear();
    this.#attendance = 'bot';
    this.#away = '';
    this.#client.forget();
    for (const child of [...this.#parts.log.children]) if (child !== this.#parts.greeting) child.remove();
    this.#parts.greeting.hidden = false;
    await this.#speak(this.#locale);
    this.focusComposer();
  }

  #resize() {
    const { input } = this.#parts;
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight, 160)}px`;
  }
}

function browserLanguage() {
  const tag = navigator.languages.map((item) => item.slice(0, 2)).find((item) => item in LANGUAGES);
  return tag;
}

/** Unlike `randomUUID`, this also works on pages loaded without TLS. */
function newMessageKey() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (number) => number.toString(36)).join('-');
}
