// One script tag puts the chat on any page of a site that the business has listed:
// <script src="https://chat.example.com/widget.js" async></script>
(() => {
  const origin = new URL(document.currentScript.src).origin;
  const tenant = document.currentScript.dataset.tenant;

  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  const style = document.createElement('link');
  style.rel = 'stylesheet';
  style.href = `${origin}/widget.css`;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'launcher';
  button.setAttribute('aria-label', 'Chat');
  button.setAttribute('aria-expanded', 'false');
  const icon = document.createElement('img');
  icon.src = `${origin}/icon.svg`;
  icon.alt = '';
  button.append(icon);
  const panel = document.createElement('div');
  panel.className = 'panel';
  panel.hidden = true;
  root.append(style, panel, button);
  // In the head of a page, the script may run before the body exists.
  if (document.body !== null) document.body.append(host);
  else document.addEventListener('DOMContentLoaded', () => document.body.append(host), { once: true });

  let chat;
  async function open() {
    if (chat === undefined) {
      const { SapaChat } = await import(`${origin}/chat.js`);
      if (customElements.get('sapa-chat') === undefined) customElements.define('sapa-chat', SapaChat);
      chat = document.createElement('sapa-chat');
      if (tenant !== undefined) chat.setAttribute('tenant', tenant);
      panel.append(chat);
    }
    panel.hidden = !panel.hidden;
    button.setAttribute('aria-expanded', String(!panel.hidden));
    if (!panel.hidden) chat.focusComposer?.();
  }
  button.addEventListener('click', () => void open());
  root.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !panel.hidden) {
      void open();
      button.focus();
    }
  });
})();
