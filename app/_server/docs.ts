/** The pages of docs/, as the repository has them: one text for readers of the code and of the site. */
import 'server-only';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Marked, type Tokens } from 'marked';

/** In the order of the table of contents. */
export const DOCS = [
  { page: 'protocol', file: 'protocol.md', about: 'What is run, with every formula: data, attacks, randomness, collapse, the report.' },
  { page: 'checking', file: 'checking.md', about: 'How a score is checked: states, witnesses, spot checks, agreement, tiers.' },
  { page: 'probes', file: 'probes.md', about: 'What neighbouring papers would ask of a model, and what the answers do not say.' },
  { page: 'submitting', file: 'submitting.md', about: 'From a trained network to a row on the board.' },
  { page: 'converting', file: 'convert.md', about: 'PyTorch, Keras and TensorFlow models as TensorFlow.js models.' },
  { page: 'training', file: 'training.md', about: 'Standard, adversarial and TRADES training, and collapse by epoch.' },
  { page: 'using-the-api', file: 'api.md', about: 'Reading and writing over HTTP, with clients of twenty lines.' },
  { page: 'runners', file: 'runners.md', about: 'A machine that measures for a site, and how it is trusted.' },
  { page: 'deployment', file: 'deployment.md', about: 'A site of your own, on a machine or on Vercel.' },
  { page: 'security', file: 'security.md', about: 'What is trusted, what is not, and what is kept of visitors.' },
  { page: 'faults', file: 'faults.md', about: 'What was broken on purpose, and what held.' },
  { page: 'glossary', file: 'glossary.md', about: 'The terms of the field and of this site, a sentence each.' },
] as const;

export interface Doc {
  title: string;
  html: string;
  /** Second-level headings. */
  sections: { id: string; text: string }[];
}

/** As GitHub names a heading. */
export const anchorOf = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

const escapeHtml = (text: string) => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** Between pages, links go by file name, so that they also work where the repository is read. */
function siteHref(href: string): string {
  const [file, anchor] = href.split('#');
  const doc = DOCS.find((d) => d.file === file.replace(/^(\.\/|docs\/)/, ''));
  return doc ? `/docs/${doc.page}${anchor ? `#${anchor}` : ''}` : href.replace(/^http:\/\/localhost:3000\//, '/');
}

export async function readDoc(page: string): Promise<Doc | undefined> {
  const doc = DOCS.find((d) => d.page === page);
  if (!doc) return undefined;
  return render(await readFile(path.join(process.cwd(), 'docs', doc.file), 'utf8'));
}

/** The first heading is the title, and is not part of the text. */
export function render(markdown: string): Doc {
  let title = '';
  const sections: Doc['sections'] = [];
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading) {
        const id = anchorOf(text);
        if (depth === 1) {
          title = text;
          return '';
        }
        const words = this.parser.parseInline(tokens);
        if (depth === 2) sections.push({ id, text });
        return `<h${depth} id="${escapeHtml(id)}"><a href="#${escapeHtml(id)}">${words}</a></h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link) {
        const to = siteHref(href);
        const away = /^https?:/.test(to) ? ' rel="noopener"' : '';
        return `<a href="${escapeHtml(to)}"${away}>${this.parser.parseInline(tokens)}</a>`;
      },
      code({ text }: Tokens.Code) {
        return `<pre tabindex="0"><code>${escapeHtml(text)}</code></pre>\n`;
      },
      // Wide ones scroll by themselves; whoever has no mouse can reach them.
      table({ header, rows, align }: Tokens.Table) {
        const cell = (tag: 'th' | 'td') => (c: Tokens.TableCell, i: number) => {
          const side = align[i] ? ` style="text-align:${align[i]}"` : '';
          return `<${tag}${tag === 'th' ? ' scope="col"' : ''}${side}>${this.parser.parseInline(c.tokens)}</${tag}>`;
        };
        const body = rows.map((row) => `<tr>${row.map(cell('td')).join('')}</tr>`).join('\n');
        return `<div class="wide" tabindex="0"><table><thead><tr>${header.map(cell('th')).join('')}</tr></thead><tbody>${body}</tbody></table></div>\n`;
      },
      // A number does not break between its thousands.
      text(token: Tokens.Text | Tokens.Escape) {
        if ('tokens' in token && token.tokens) return this.parser.parseInline(token.tokens);
        return escapeHtml(token.text).replace(/(\d) (?=\d{3}(?!\d))/g, '$1\u00a0');
      },
      image() {
        return '';
      },
      // The texts have none; what looks like it is meant as it stands.
      html({ text }: Tokens.HTML | Tokens.Tag) {
        return escapeHtml(text);
      },
    },
  });
  const html = marked.parse(markdown, { async: false });
  return { title, html, sections };
}
