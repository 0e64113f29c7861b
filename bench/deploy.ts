// What users see of a release: requests at a steady pace through the front of the local target while a service is deployed, watched
// step by step, promoted, rolled back and taken back when it is bad; every answer is counted. Also how long a deploy of a ready image
// takes without a canary, and a rollback. Prints JSON and keeps it in bench/results; ends with 1 where a good transition failed anybody.
//   node bench/deploy.ts [--pace 300] [--rounds 5]
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ok } from '@shiplock/findings'
import { scrapeSource } from '../packages/shiplock/src/deploy/canary/prometheus.ts'
import type { Canary } from '../packages/shiplock/src/deploy/canary/watch.ts'
import { startTestEmulator, type ReleaseRig } from '../packages/shiplock/src/deploy/release-rig.test-data.ts'
import { deployCandidate, promoteCandidate } from '../packages/shiplock/src/deploy/release.ts'
import { rollBack } from '../packages/shiplock/src/deploy/rollback.ts'
import { median, writeResult } from './result.ts'

const { values } = parseArgs({ options: { pace: { type: 'string', default: '300' }, rounds: { type: 'string', default: '5' } } })
const [pace, rounds] = [Number(values.pace), Number(values.rounds)]

interface Counted {
  readonly sent: number
  readonly answered: Record<string, number>
  /** 5xx, and no answer at all. */
  readonly failed: number
}

/** Asks at a steady pace, whatever the answers do, from the call on until `stop`. */
function users(url: string): { stop: () => Promise<Counted> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 100 })
  const { port, hostname } = new URL(url)
  const answered: Record<string, number> = {}
  let [sent, failed, open, isOver] = [0, 0, 0, false]
  const count = (status: string, isFailure: boolean) => {
    answered[status] = (answered[status] ?? 0) + 1
    if (isFailure) failed += 1
    open -= 1
  }
  const ask = () => {
    sent += 1
    open += 1
    const outgoing = request({ agent, host: '127.0.0.1', port, path: '/', headers: { host: hostname }, timeout: 10_000 }, (response) => {
      response.resume()
      response.on('end', () => count(String(response.statusCode), (response.statusCode ?? 0) >= 500))
      response.on('error', () => count('cut', true))
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')))
    outgoing.on('error', () => count('no answer', true))
    outgoing.end()
  }
  const began = performance.now()
  const timer = setInterval(() => {
    while (!isOver && sent < ((performance.now() - began) / 1000) * pace) ask()
  }, 5)
  return {
    stop: async () => {
      isOver = true
      clearInterval(timer)
      for (let waited = 0; open > 0 && waited < 200; waited++) await sleep(50)
      agent.destroy()
      return { sent, answered, failed: failed + open }
    },
  }
}

const limits = { minimumRequests: 300, errorMargin: 0.01, latencyRatio: 1.5, latencyFloorMs: 25, maxErrorRatio: 0.05, maxP99Ms: 5000, falseAlarm: 0.01 }

await using emulator = await startTestEmulator()
await using rig: ReleaseRig = emulator.rig()
const canary: Canary = {
  source: scrapeSource('the local target', { url: `${rig.place.adminUrl}/metrics`, token: async () => ok(rig.place.token) }),
  paths: ['/'],
  profile: { steps: [5, 20, 50, 100], minWaitMs: 0, maxWaitMs: 30_000, lookEveryMs: 250, syntheticRequests: 100, limits },
}

async function release(env: Record<string, string>, watched?: Canary): Promise<string> {
  const candidate = await deployCandidate(rig.target(), rig.wanted(env), rig.options())
  if (!candidate.ok) return candidate.failure.failure.reason
  const promoted = await promoteCandidate(rig.target(), candidate.value, rig.options(), watched)
  return promoted.ok ? promoted.value.result : promoted.failure.failure.reason
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly seconds: number }> {
  const began = performance.now()
  const value = await work()
  return { value, seconds: Math.round(performance.now() - began) / 1000 }
}

const roll = () => rollBack(rig.target(), rig.place.service, undefined, async () => ok(undefined), rig.options()).then((result) => (result.ok ? 'rolled back' : result.failure.reason))

await release({ VERSION: 'first' })
await release({ VERSION: 'second' })
const frontUrl = (await rig.uri()) ?? ''
const transitions: Record<string, { result: string; seconds: number; users: Counted }> = {}
for (const [name, work] of [
  ['deploy and promote without a canary', () => release({ VERSION: 'third' })],
  ['canary 5, 20, 50, 100%', () => release({ VERSION: 'fourth' }, canary)],
  ['rollback', roll],
  ['a candidate that fails one request of ten', () => release({ BEHAVIOUR: 'fails-some' }, canary)],
] as const) {
  const load = users(frontUrl)
  await sleep(1000)
  const { value, seconds } = await timed(work)
  await sleep(1000)
  transitions[name] = { result: value, seconds, users: await load.stop() }
}

const deploys: number[] = []
const rollbacks: number[] = []
for (let round = 0; round < rounds; round++) {
  deploys.push((await timed(() => release({ VERSION: `round ${round}` }))).seconds)
  rollbacks.push((await timed(roll)).seconds)
}

writeResult('deploy', { figures: { 'deploy of a ready image, seconds (must 4, stretch 2)': median(deploys), 'rollback, seconds (must 0.5)': median(rollbacks) }, pace, rounds, deploys, rollbacks, transitions })
const good = Object.entries(transitions).filter(([name]) => !name.startsWith('a candidate that fails'))
process.exitCode = good.every(([, { users: { failed } }]) => failed === 0) ? 0 : 1
