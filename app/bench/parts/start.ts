import type { Bench } from '../contenders.ts'
import { startServer } from '../server-process.ts'
import type { Contender } from './requests.ts'

/** From exec to the first page, in milliseconds, of everyone in turn. The first time around warms up. */
export async function measureStart(bench: Bench, all: readonly Contender[]): Promise<Map<string, number[]>> {
  const rounds = bench.isQuick ? 5 : 15
  const results = new Map<string, number[]>(all.map(({ command }) => [command.name, []]))
  for (let count = 0; count <= rounds; count++) {
    for (const { command } of all) {
      const server = await startServer(command)
      await server.stop()
      if (count > 0) results.get(server.name)?.push(server.startMs)
    }
  }
  return results
}
