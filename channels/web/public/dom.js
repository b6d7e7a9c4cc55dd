// Small helpers that create DOM nodes.

export function element(name, text) {
  const node = document.createElement(name);
  if (text !== undefined) node.textContent = text;
  return node;
}

/** A button with an icon, drawn as one path in a 24 by 24 view box. */
export function iconButton(path, onClick) {
  const button = element('button');
  button.type = 'button';
  button.className = 'icon';
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  shape.setAttribute('d', path);
  svg.append(shape);
  button.append(svg);
  if (onClick) button.addEventListener('click', onClick);
  return button;
}
