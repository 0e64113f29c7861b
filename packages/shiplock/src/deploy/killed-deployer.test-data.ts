import { isWrite, testOptions, testTarget, testWanted, type TestPlace } from './test-place.test-data.ts'
import { deployCandidate, promoteCandidate } from './release.ts'

/**
 * A deployer that kills itself (SIGKILL) right before or right after its nth write has been answered, or, with `n` past the
 * last, not at all. Run by `recover.test.ts` in a process of its own; prints what became of it.
 */
const { place, env, n, when }: { place: TestPlace; env: Record<string, string>; n: number; when: 'before' | 'after' } = JSON.parse(
  process.argv[2] ?? '',
)

let writes = 0
const target = testTarget(place, async (request, send) => {
  const isLast = isWrite(request) && (writes += 1) === n
  if (isLast && when === 'before') process.kill(process.pid, 'SIGKILL')
  const answer = await send()
  if (isLast) process.kill(process.pid, 'SIGKILL')
  return answer
})

const candidate = await deployCandidate(target, testWanted(place, env), testOptions(place))
const result = candidate.ok ? await promoteCandidate(target, candidate.value, testOptions(place)) : candidate
process.stdout.write(JSON.stringify({ writes, result: result.ok ? result.value.result : result.failure.failure }))
