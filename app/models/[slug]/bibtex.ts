/** A citation of one version of a model. */
interface Cited {
  slug: string;
  version: number;
  name: string;
  author: string;
  date: Date;
  site: string;
}

/** What BibTeX would take for commands is written as letters. */
export const plain = (text: string) =>
  text.replace(/[\\{}$&#%_^~]/g, (c) => (c === '\\' ? '\\textbackslash{}' : c === '^' ? '\\^{}' : c === '~' ? '\\~{}' : `\\${c}`));

export function bibtex({ slug, version, name, author, date, site }: Cited): string {
  return `@misc{simplexity-${slug}-v${version},
  title = {{${plain(name)}}, version ${version}},
  author = {{${plain(author)}}},
  howpublished = {Simplexity, a leaderboard of adversarial robustness and neural collapse},
  url = {${site}/models/${slug}?version=${version}},
  year = {${date.getUTCFullYear()}},
}
`;
}
