import { SapaChat } from './chat.js';

customElements.define('sapa-chat', SapaChat);

document.addEventListener('sapa-chat-ready', (event) => {
  document.title = event.detail.title;
  document.documentElement.lang = event.detail.locale;
});
