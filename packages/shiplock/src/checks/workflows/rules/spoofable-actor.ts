import { privilegedEvents, pullRequestEvents } from '../events.ts'
import type { WorkflowRule } from '../workflow.ts'

export const spoofableActor: WorkflowRule = {
  id: 'workflows/spoofable-actor',
  title: 'A bot is recognised by who acted last',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-290',
  fix: 'Compare `github.event.pull_request.user.login`, which is who opened it, and that the head is of this repository.',
  *examine(file) {
    const isPrivileged = privilegedEvents(file).length > 0
    if (!isPrivileged && pullRequestEvents(file).length === 0) return
    for (const owner of [...file.jobs, ...file.steps]) {
      const condition = file.condition(owner)
      const found = condition?.comparisons.find(({ path, operator, literal }) => /^github\.(?:actor|triggering_actor|event\.sender\.login)$/.test(path) && operator === '==' && literal.endsWith('[bot]'))
      // Who opened the pull request, or that it is of this repository, decides where it is asked too.
      if (!condition || !found || condition.paths.some((path) => /\.pull_request\.(?:user\.login|head\.repo\.)/.test(path))) continue
      yield { at: condition, message: `\`${found.path} == '${found.literal}'\` is true for a stranger's pull request too, once the bot has acted on it`, ...(!isPrivileged && { severity: 'low', confidence: 'medium' }) }
    }
  },
}
