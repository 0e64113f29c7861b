// Writes checks/dependencies/popular-names.ts from a list of the registry's packages: one a line, name, version and
// downloads a month between tabs. The most downloaded are what others imitate; of the rest only those are kept that would be
// taken for imitations although many install them.
//   node packages/shiplock/scripts/write-popular-names.ts LIST.tsv
import { createReadStream, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { createConfusables } from '../src/checks/dependencies/confusable.ts'

const imitatedNames = 6000
/** Downloads a month above which a package is known by its own name; names made to be mistaken had a few hundred. */
const manyDownloads = 50_000

const [source] = process.argv.slice(2)
if (source === undefined) throw new Error('name the list: node packages/shiplock/scripts/write-popular-names.ts LIST.tsv')
const packages: { readonly name: string; readonly downloads: number }[] = []
for await (const line of createInterface({ input: createReadStream(source) })) {
  const [name = '', , downloads] = line.split('\t')
  if (Number(downloads) >= manyDownloads) packages.push({ name, downloads: Number(downloads) })
}
packages.sort((a, b) => b.downloads - a.downloads || (a.name < b.name ? -1 : 1))
const names = packages.map(({ name }) => name)
const imitated = names.slice(0, imitatedNames)
const confusionOf = createConfusables({ imitated, meant: new Set(imitated) })
const meant = names.slice(imitatedNames).filter((name) => confusionOf(name))
/** A few to a line: a name a line would be a file that nobody scrolls through. */
const inLines = (of: readonly string[]) => Array.from({ length: Math.ceil(of.length / 25) }, (_, n) => of.slice(n * 25, (n + 1) * 25).join(' ')).join('\n')

const text = `// Written by packages/shiplock/scripts/write-popular-names.ts from the registry's downloads a month. Data: not to be edited.

/** The ${imitated.length} packages that are downloaded most, most first: what others imitate. */
export const imitated = \`
${inLines(imitated)}
\`

/** Packages that look like one of those, and are downloaded at least ${manyDownloads} times a month: they are meant. */
export const meant = \`
${inLines(meant)}
\`
`
writeFileSync(join(import.meta.dirname, '../src/checks/dependencies/popular-names.ts'), text)
process.stdout.write(`${imitated.length} names that others imitate, ${meant.length} that look like them and are meant, of ${names.length} with ${manyDownloads} downloads a month\n`)
