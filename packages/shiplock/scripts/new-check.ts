import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeRegistry } from './write-registry.ts'

const template = join(import.meta.dirname, 'check-template')

/** Writes the folder of a check that works and passes the meta-test, to be changed into what it shall be. Returns its files. */
export function newCheck(directory: string, id: string): string[] {
  const written = readdirSync(template, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted()
    .map((source) => {
      const path = join(
        directory,
        id,
        source
          .slice(template.length + 1)
          .replace(/\.template$/, '')
          .replace(/^page\.md$/, `${id}.md`),
      )
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, readFileSync(source, 'utf8').replaceAll('{{id}}', id).replaceAll('{{title}}', titleOf(id)), { flag: 'wx' })
      return path
    })
  writeRegistry(directory)
  return written
}

const titleOf = (id: string) => `${id.slice(0, 1).toUpperCase()}${id.slice(1).replaceAll('-', ' ')}`

/** Why an id cannot be taken, or undefined. */
export function refuse(directory: string, id: string | undefined): string | undefined {
  if (id === undefined) return 'usage: npm run new:check -- my-check'
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id))
    return `${JSON.stringify(id)} cannot be the id of a check: use lower-case words joined by dashes, such as terraform-tags`
  return existsSync(join(directory, id)) ? `${join(directory, id)} is there already` : undefined
}

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true })
  const [id, directory = join(import.meta.dirname, '../src/checks')] = positionals
  const refusal = refuse(directory, id)
  if (id === undefined || refusal !== undefined) {
    console.error(refusal)
    process.exitCode = 2
  } else {
    for (const path of newCheck(directory, id)) console.log(path)
    console.log(
      `\nNow: change the rules, the page and the fixtures; UPDATE_FIXTURES=1 writes expected.txt.\n     npx vitest run ${join(directory, 'checks.test.ts')}`,
    )
  }
}
