/** How comments and strings are written in a kind of file: as much as it takes to tell one from the other. */
export interface Syntax {
  /** What begins a comment that ends with its line. */
  readonly line: readonly string[]
  /** Only behind a blank, or only where nothing else is before it on the line; absent: anywhere. */
  readonly lineBegins?: 'behind-blank' | 'alone'
  readonly block: readonly (readonly [string, string])[]
  /** Quotes of strings that end with their line at the latest. */
  readonly quotes: readonly string[]
  /** Quotes of strings that may go over several lines; longer ones first. */
  readonly longQuotes: readonly string[]
  /** `<<EOF` up to a line that says `EOF`. */
  readonly hasHeredocs?: boolean
}

const c: Syntax = { line: ['//'], block: [['/*', '*/']], quotes: ['"', "'"], longQuotes: ['`'] }
const hash: Syntax = { line: ['#'], lineBegins: 'behind-blank', block: [], quotes: ['"', "'"], longQuotes: [] }
const markup: Syntax = { line: [], block: [['<!--', '-->']], quotes: [], longQuotes: [] }
const component: Syntax = { line: ['//'], block: [['<!--', '-->'], ['/*', '*/']], quotes: ['"', "'"], longQuotes: ['`'] }

const byExtension: Readonly<Record<string, Syntax>> = {
  ...all(c, 'c cc cpp cs dart go h hpp java json5 jsonc kt kts less php proto scala scss swift'),
  ...all({ ...c, quotes: ['"'] }, 'rs'),
  ...all({ ...c, line: [] }, 'css'),
  ...all(hash, 'bash cfg conf env ini properties ps1 rb sh toml yaml yml zsh mk'),
  ...all({ ...hash, hasHeredocs: true }, 'bash sh zsh'),
  ...all({ line: ['#'], block: [], quotes: ['"', "'"], longQuotes: ['"""', "'''"] }, 'py pyi'),
  ...all({ line: ['#', '//'], block: [['/*', '*/']], quotes: ['"'], longQuotes: [], hasHeredocs: true }, 'hcl tf tfvars'),
  ...all({ line: ['--'], block: [['/*', '*/']], quotes: [], longQuotes: ["'", '"'] }, 'sql'),
  ...all({ line: ['--'], block: [], quotes: ['"', "'"], longQuotes: [] }, 'hs lua'),
  ...all(markup, 'htm html svg xhtml xml'),
  ...all({ ...markup, longQuotes: ['```', '~~~'], quotes: ['`'] }, 'md mdx'),
  ...all(component, 'astro svelte vue'),
  ...all({ ...markup, block: [['<%#', '%>'], ['<!--', '-->']] }, 'ejs'),
  ...all({ ...markup, block: [['<%/*', '*/%>'], ['<!--', '-->']] }, 'eta'),
  ...all({ ...markup, block: [['{{!--', '--}}'], ['{{!', '}}'], ['<!--', '-->']] }, 'hbs handlebars mustache'),
  ...all({ ...markup, block: [['{#', '#}'], ['<!--', '-->']] }, 'njk nunjucks swig twig'),
  ...all({ ...markup, block: [['{% comment %}', '{% endcomment %}'], ['<!--', '-->']] }, 'liquid'),
  ...all({ line: ['//-', '//'], lineBegins: 'behind-blank', block: [], quotes: ['"', "'"], longQuotes: [] }, 'jade pug'),
}

const byName: readonly (readonly [RegExp, Syntax])[] = [
  [/^(?:.*\.)?(?:Docker|Container)file(?:\..*)?$/i, { ...hash, lineBegins: 'alone', quotes: [], hasHeredocs: true }],
  [/^(?:GNU)?[Mm]akefile$/, hash],
  [/^\.(?:env|npmrc|editorconfig|gitignore|dockerignore|gitattributes)(?:\..*)?$/, { ...hash, lineBegins: 'alone', quotes: [] }],
  [/^(?:CODEOWNERS|Gemfile|Procfile)$/, hash],
  [/^[jt]sconfig.*\.json$/, { ...c, quotes: ['"'], longQuotes: [] }],
]

/** JavaScript and TypeScript have a parser of their own. */
export const isScript = (path: string): boolean => /\.[cm]?[jt]sx?$/.test(path)

/** Undefined where comments of the file cannot be told, such as in JSON, which has none. */
export function syntaxOf(path: string): Syntax | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return byName.find(([pattern]) => pattern.test(name))?.[1] ?? byExtension[/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''] ?? (isScript(path) ? c : undefined)
}

function all(syntax: Syntax, extensions: string): Record<string, Syntax> {
  return Object.fromEntries(extensions.split(' ').map((extension) => [extension, syntax]))
}
