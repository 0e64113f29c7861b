import type { Bench } from '../contenders.ts'
import { memoryMib, startServer } from '../server-process.ts'
import { getRound, postRound, type Contender } from './requests.ts'

/** Memory after load, in MiB: each alone on the machine, so that it shares its code with nobody who is not its own child. */
export async function measureMemory(bench: Bench, all: readonly Contender[]): Promise<Map<string, number[]>> {
  const [rounds, seconds] = bench.isQuick ? [1, 1] : [3, 5]
  const results = new Map<string, number[]>(all.map(({ command }) => [command.name, []]))
  for (let count = 0; count < rounds; count++) {
    for (const contender of all) {
      const server = await startServer(contender.command)
      try {
        await getRound(contender, server, seconds, bench.folder)
        if (contender.hasForms) await postRound(server, seconds, bench.folder)
        results.get(server.name)?.push(memoryMib(server.pid))
      } finally {
        await server.stop()
      }
    }
  }
  return results
}
