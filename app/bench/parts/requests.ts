import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { flask, flaskDatabase, onMariaDb, onSqlite, raw, resetFlask, service, type Bench } from '../contenders.ts'
import { loadServer, type Load, type Round } from '../load.ts'
import { processorMs, startServer, type ServerCommand, type ServerProcess } from '../server-process.ts'
import { add, checkForms, checkPage, visit, type Visitor } from '../visitor.ts'

/** A server in the race, and how its page is made to show 20 tasks before each round. */
export interface Contender {
  readonly command: ServerCommand
  /** Gives a browser whose list has the 20 tasks; called before each round. */
  readonly reader: (url: string) => Promise<Visitor>
  /** Whether it takes forms at all. */
  readonly hasForms: boolean
}

export const titles = Array.from({ length: 20 }, (_, index) => `Thing number ${String(index + 1).padStart(2, '0')} of 20`)

/** Ours lists by owner: one browser reads, and each round of forms is another's. */
function ours(command: ServerCommand): Contender {
  let known: Promise<Visitor> | undefined
  const start = async (url: string): Promise<Visitor> => {
    const visitor = await visit(url)
    for (const title of titles) await add(visitor, title)
    return visitor
  }
  return { command, hasForms: true, reader: (url) => (known ??= start(url)) }
}

const theirs = (bench: Bench, command: ServerCommand): Contender => ({
  command,
  hasForms: true,
  async reader(url) {
    await resetFlask(bench, titles)
    return visit(url)
  },
})

/** Everyone in the race. The page for `node:http` is asked of our own service. */
export async function contenders(bench: Bench): Promise<Contender[]> {
  await bench.mariaDb.createDatabase(flaskDatabase)
  await bench.mariaDb.createDatabase('todo')
  await resetFlask(bench, titles)
  const sqlite = ours(await service(bench, 'SQLite', onSqlite(bench, 'todo')))
  const page = join(bench.folder, 'page.html')
  const server = await startServer(sqlite.command)
  try {
    const visitor = await sqlite.reader(server.url)
    writeFileSync(page, await checkPage(visitor, titles))
    return [
      { command: await raw(bench, page), hasForms: false, reader: async (url) => ({ ...visitor, url }) },
      { ...sqlite, reader: async (url) => ({ ...visitor, url, action: new URL('/tasks', url).href }) },
      ours(await service(bench, 'MariaDB', onMariaDb(bench, 'todo'))),
      theirs(bench, await flask(bench, 1)),
      theirs(bench, await flask(bench, 4)),
    ]
  } finally {
    await server.stop()
  }
}

/** A round, and the processor time of each of its requests: the part that a busy machine disturbs least. */
export interface MeasuredRound extends Round {
  readonly processorUs: number
}

async function load(server: ServerProcess, what: Load, seconds: number, folder: string): Promise<MeasuredRound> {
  const before = processorMs(server.pid)
  const round = await loadServer(what, seconds, folder)
  return { ...round, processorUs: ((processorMs(server.pid) - before) * 1_000) / round.requests }
}

/** One round of `GET /`; the page is looked at before and after. */
export async function getRound(contender: Contender, server: ServerProcess, seconds: number, folder: string): Promise<MeasuredRound> {
  const { url } = server
  const visitor = await contender.reader(url)
  await checkPage(visitor, titles)
  const round = await load(server, { url, method: 'GET', headers: { accept: 'text/html' }, visits: [{ cookie: visitor.cookie }] }, seconds, folder)
  await checkPage(visitor, titles)
  return round
}

/** One round of the form that adds, by browsers that have just come; what forms prove is checked before. */
export async function postRound(server: ServerProcess, seconds: number, folder: string): Promise<MeasuredRound> {
  // More than one, since a list takes 100,000 tasks, and a round may send more.
  const visitors = [await visit(server.url), await visit(server.url), await visit(server.url), await visit(server.url)] as const
  await checkForms(visitors[0])
  const { action, formHeaders } = visitors[0]
  return load(server, { url: action, method: 'POST', headers: formHeaders, visits: visitors }, seconds, folder)
}

/** The rounds of one server. */
export interface Rounds {
  readonly get: MeasuredRound[]
  readonly post: MeasuredRound[]
}

/** `GET /` and the form that adds, of everyone in turn, again and again; the first time around warms up. */
export async function measureRequests(bench: Bench, all: readonly Contender[], kinds: readonly ('get' | 'post')[]): Promise<Map<string, Rounds>> {
  const [rounds, seconds] = bench.isQuick ? [2, 1] : [5, 3]
  const results = new Map<string, Rounds>(all.map(({ command }) => [command.name, { get: [], post: [] }]))
  const running: ServerProcess[] = []
  try {
    for (const { command } of all) running.push(await startServer(command))
    for (const kind of kinds) {
      for (let count = 0; count <= rounds; count++) {
        for (const [index, contender] of all.entries()) {
          const server = running[index] as ServerProcess
          if (kind === 'post' && !contender.hasForms) continue
          const round = await (kind === 'get' ? getRound(contender, server, seconds, bench.folder) : postRound(server, seconds, bench.folder))
          if (count > 0) results.get(server.name)?.[kind].push(round)
        }
      }
    }
  } finally {
    for (const server of running) await server.stop()
  }
  return results
}
