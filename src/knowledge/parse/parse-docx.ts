import type mammoth from 'mammoth';
import { KnowledgeError } from '../../contracts/knowledge.js';
import { withoutControls } from '../../lib/text/decode-text.js';
import { htmlSections } from './html-sections.js';
import { openPage } from './page-document.js';
import type { ParsedSection } from './parsed-document.js';

/**
 * Text, headings, lists and tables of a Word file; pictures are left out.
 * @throws KnowledgeError `unreadable`
 */
export async function parseDocx(bytes: Uint8Array): Promise<{ readonly sections: readonly ParsedSection[] }> {
  const word = await loadMammoth();
  const html = await word
    .convertToHtml(
      { buffer: Buffer.from(bytes) },
      {
        styleMap: ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => p:fresh"],
        convertImage: word.images.imgElement(() => Promise.resolve({ src: '' })),
      },
    )
    .catch((cause: unknown) => {
      throw new KnowledgeError('unreadable', 'The Word file is damaged and cannot be read.', { cause });
    });
  const page = await openPage(`<!doctype html><html><body>${withoutControls(html.value)}</body></html>`);
  return { sections: htmlSections(page) };
}

/**
 * While it loads, Mammoth defines a class using `__proto__`, which the child has removed, so it is restored
 * for that moment. The file is read without it.
 */
async function loadMammoth(): Promise<typeof mammoth> {
  const isMissing = !('__proto__' in Object.prototype);
  if (isMissing) {
    Object.defineProperty(Object.prototype, '__proto__', {
      configurable: true,
      set(this: object, prototype: object) {
        Object.setPrototypeOf(this, prototype);
      },
    });
  }
  try {
    return (await import('mammoth')).default;
  } finally {
    if (isMissing) Reflect.deleteProperty(Object.prototype, '__proto__');
  }
}
