import { z } from 'zod'

export const coverageKinds = ['lines', 'branches', 'functions'] as const
export type CoverageKind = (typeof coverageKinds)[number]

export interface FileCoverage {
  readonly file: string
  readonly covered: Readonly<Record<CoverageKind, number>>
  readonly total: Readonly<Record<CoverageKind, number>>
}

const lcovKeys = {
  LF: ['total', 'lines'],
  LH: ['covered', 'lines'],
  BRF: ['total', 'branches'],
  BRH: ['covered', 'branches'],
  FNF: ['total', 'functions'],
  FNH: ['covered', 'functions'],
} as const

/** Reads the sums of an lcov tracefile (geninfo(1)), file by file. */
export function parseLcov(text: string): FileCoverage[] {
  const files: { file: string; covered: Record<CoverageKind, number>; total: Record<CoverageKind, number> }[] = []
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^([A-Z]+):(.*)$/.exec(line) ?? []
    if (key === 'SF') files.push({ file: value ?? '', covered: none(), total: none() })
    if (key === undefined || !(key in lcovKeys)) continue
    const [part, kind] = lcovKeys[key as keyof typeof lcovKeys]
    const current = files.at(-1)
    if (current) current[part][kind] = Number(value) || 0
  }
  return files
}

const sums = z.object({ total: z.number(), covered: z.number() })
const summarySchema = z.record(z.string(), z.object({ lines: sums, branches: sums, functions: sums }))

/** Reads istanbul's `coverage-summary.json`; undefined where it is not that. */
export function parseCoverageSummary(text: string): FileCoverage[] | undefined {
  let summary: z.output<typeof summarySchema> | undefined
  try {
    summary = summarySchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
  if (!summary) return undefined
  return Object.entries(summary)
    .filter(([file]) => file !== 'total')
    .map(([file, of]) => ({
      file,
      covered: { lines: of.lines.covered, branches: of.branches.covered, functions: of.functions.covered },
      total: { lines: of.lines.total, branches: of.branches.total, functions: of.functions.total },
    }))
}

const none = () => ({ lines: 0, branches: 0, functions: 0 })

/** Percentage over all files; 100 where there is nothing to cover. */
export function percentageOf(files: readonly FileCoverage[], kind: CoverageKind): number {
  const total = files.reduce((sum, file) => sum + file.total[kind], 0)
  return total === 0 ? 100 : (files.reduce((sum, file) => sum + file.covered[kind], 0) / total) * 100
}

/** The files that lack most, worst first. */
export const leastCovered = (files: readonly FileCoverage[], kind: CoverageKind, count: number): FileCoverage[] =>
  files
    .filter((file) => file.covered[kind] < file.total[kind])
    .toSorted((a, b) => b.total[kind] - b.covered[kind] - (a.total[kind] - a.covered[kind]) || (a.file < b.file ? -1 : 1))
    .slice(0, count)
