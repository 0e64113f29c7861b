import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'

/** Prints a benchmark's result and keeps it as `bench/results/<name>.json`, rounded to three digits that mean something. */
export function writeResult(name: string, result: BenchmarkResult): void {
  process.stdout.write(saveResult(name, result))
}

export type BenchmarkResult = { readonly figures: Readonly<Record<string, number>> } & Readonly<Record<string, unknown>>

/** Keeps it without printing; its text. */
export function saveResult(name: string, result: BenchmarkResult): string {
  const figures = Object.fromEntries(Object.entries(result.figures).map(([label, value]) => [label, Number(value.toPrecision(3))]))
  const machine = { node: process.version, cores: cpus().length, memoryGb: Math.round(totalmem() / 1e9) }
  const text = `${JSON.stringify({ benchmark: name, machine, ...result, figures }, null, 2)}\n`
  const directory = join(import.meta.dirname, 'results')
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, `${name}.json`), text)
  return text
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
