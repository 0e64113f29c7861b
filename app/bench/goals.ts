/** Figures by label, as all.ts keeps them. */
type Figures = Readonly<Record<string, number>>

/** One line of the table of issue and README. */
interface Goal {
  readonly title: string
  /** How the number is to be read. */
  readonly unit: string
  /** Undefined when a figure that it takes was not measured. */
  readonly value: (figures: Figures) => number | undefined
  /** What must be reached, and what is aimed at. */
  readonly must: number | undefined
  readonly stretch: number
  readonly isMoreBetter: boolean
}

/** A goal and what came of it. */
export interface Judgement {
  readonly title: string
  readonly value: number
  readonly unit: string
  readonly must: number | undefined
  readonly stretch: number
  readonly state: 'missed' | 'must' | 'stretch'
}

const flasks = ['flask 2×1', 'flask 2×4']

/** The better one of Flask's two settings, in each measure. */
const bestFlask = (figures: Figures, measure: string, pick: (...values: number[]) => number): number =>
  pick(...flasks.map((name) => figures[`${measure}, ${name}`] ?? Number.NaN))

/** `measure` of ours, divided by Flask's best. */
const overFlask = (measure: string, name: string, pick: (...values: number[]) => number) => (figures: Figures): number =>
  (figures[`${measure}, ${name}`] ?? Number.NaN) / bestFlask(figures, measure, pick)

const over = (measure: string, name: string, other: string) => (figures: Figures): number =>
  (figures[`${measure}, ${name}`] ?? Number.NaN) / (figures[`${measure}, ${other}`] ?? Number.NaN)

const speed = (kind: 'get' | 'post', name: string, must: number, stretch: number): Goal => ({
  title: kind === 'get' ? `GET / on ${name}` : `POST with CSRF on ${name}`,
  unit: '× Flask',
  value: overFlask(`${kind}, requests/s`, name, Math.max),
  must,
  stretch,
  isMoreBetter: true,
})

const p99 = (kind: 'get' | 'post', name: string, must: number): Goal => ({
  title: `p99 of ${kind.toUpperCase()} on ${name}`,
  unit: "of Flask's",
  value: overFlask(`${kind}, p99 ms`, name, Math.min),
  must,
  stretch: 1 / 3,
  isMoreBetter: false,
})

/** Processor time, the database's included: of the time that passes, other guests of the machine take too much to see 1.3. */
const million = (database: string, owners: string, base: string): Goal => ({
  title: `GET / on ${database}, 1,000,000 tasks of ${owners}`,
  unit: `of its processor time at ${base}`,
  value: over('get, processor µs each', `${database}, 1,000,000 of ${owners}`, `${database}, ${base}`),
  must: 1.3,
  stretch: 1.1,
  isMoreBetter: false,
})

/** SQLite's pages are kept until somebody writes; with more browsers than are kept, each page is read and rendered. */
const unkept: Goal = {
  title: 'GET / on SQLite, 200 lists in turn',
  unit: '× Flask',
  value: (figures) => 1_000 / (figures['get, ms each, SQLite, 20 each of 200 owners'] ?? Number.NaN) / bestFlask(figures, 'get, requests/s', Math.max),
  must: undefined,
  stretch: 10,
  isMoreBetter: true,
}

const goals: readonly Goal[] = [
  speed('get', 'SQLite', 10, 24),
  { title: 'GET / on SQLite', unit: 'of node:http', value: over('get, requests/s', 'SQLite', 'node:http'), must: 0.2, stretch: 0.45, isMoreBetter: true },
  speed('get', 'MariaDB', 6, 13),
  speed('post', 'SQLite', 8, 12),
  speed('post', 'MariaDB', 6, 10),
  p99('get', 'SQLite', 1 / 3),
  p99('post', 'SQLite', 1 / 3),
  p99('get', 'MariaDB', 1),
  p99('post', 'MariaDB', 1),
  ...['SQLite', 'MariaDB'].flatMap((name): Goal[] => [
    { title: `exec to first 200 on ${name}`, unit: "of Flask's", value: overFlask('start, ms', name, Math.min), must: 0.5, stretch: 0.5, isMoreBetter: false },
    { title: `exec to first 200 on ${name}`, unit: '× node:http', value: over('start, ms', name, 'node:http'), must: undefined, stretch: 2, isMoreBetter: false },
    { title: `memory after load on ${name} (PSS)`, unit: '× Flask', value: overFlask('memory, MiB', name, Math.min), must: 1.6, stretch: 1, isMoreBetter: false },
  ]),
  unkept,
  ...['SQLite', 'MariaDB'].flatMap((name) => [million(name, 'one owner', '20'), million(name, 'many owners', '20 each of 200 owners')]),
]

/** What came of each goal whose figures there are. */
export function judge(figures: Figures): Judgement[] {
  return goals.flatMap(({ title, unit, value, must, stretch, isMoreBetter }) => {
    const reached = value(figures)
    if (reached === undefined || Number.isNaN(reached)) return []
    const meets = (goal: number): boolean => (isMoreBetter ? reached >= goal : reached <= goal)
    const state = meets(stretch) ? 'stretch' : must === undefined || meets(must) ? 'must' : 'missed'
    return [{ title, unit, value: Number(reached.toPrecision(3)), must, stretch, state }]
  })
}

const short = (value: number | undefined): string => (value === undefined ? '' : String(Number(value.toPrecision(2))))

/** The table, in Markdown. */
export function goalTable(judgements: readonly Judgement[]): string {
  const lines = judgements.map(({ title, value, unit, must, stretch, state }) => `| ${title} | ${value} ${unit} | ${short(must)} | ${short(stretch)} | ${state} |`)
  return `${['| 20 tasks, 16 connections | measured | must | stretch | |', '| --- | --- | --- | --- | --- |', ...lines].join('\n')}\n`
}
