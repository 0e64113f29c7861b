import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseSync } from 'oxc-parser'
import { expect, test } from 'vitest'

const source = import.meta.dirname

interface Reached {
  readonly files: ReadonlySet<string>
  readonly packages: ReadonlySet<string>
}

/** Everything that a file needs at run time, directly or through others. */
function reachedFrom(entry: string): Reached {
  const files = new Set<string>()
  const packages = new Set<string>()
  const visit = (path: string): void => {
    if (files.has(path)) return
    files.add(path)
    const { module } = parseSync(path, readFileSync(join(source, path), 'utf8'))
    const named = [
      ...module.staticImports.filter(({ entries }) => entries.length === 0 || entries.some((entry) => !entry.isType)).map(({ moduleRequest }) => moduleRequest.value),
      ...module.staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest, isType }) => (moduleRequest && !isType ? [moduleRequest.value] : []))),
      ...module.dynamicImports.map(({ moduleRequest }) => readFileSync(join(source, path), 'utf8').slice(moduleRequest.start + 1, moduleRequest.end - 1)),
    ]
    for (const name of named) {
      if (name.startsWith('.')) visit(relative(source, resolve(source, dirname(path), name)))
      else packages.add(name)
    }
  }
  visit(entry)
  return { files, packages }
}

test('what verifies holds nothing that signs, and touches neither files nor the network', () => {
  const { files, packages } = reachedFrom('verify.ts')
  expect([...files].filter((path) => !existsSync(join(source, path)))).toEqual([])
  expect([...files].filter((path) => path === 'sign.ts' || path === 'node.ts' || path.startsWith('signing/'))).toEqual([])
  const allowed = ['node:crypto', 'zod', '@sigstore/bundle', '@sigstore/core', '@sigstore/verify', '@sigstore/protobuf-specs']
  expect([...packages].filter((name) => !allowed.includes(name))).toEqual([])
})

test('what signs does not verify by its own measure', () => {
  expect([...reachedFrom('sign.ts').files].filter((path) => path === 'verify.ts' || path.startsWith('verifying/'))).toEqual([])
})
