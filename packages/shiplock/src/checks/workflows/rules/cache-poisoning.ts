import { accessOf, isGuarded, isReleaseOnly, privilegedEvents } from '../events.ts'
import { untrustedCheckouts } from '../checkout.ts'
import { actionOf } from '../reference.ts'
import { get, scalarOf } from '../tree.ts'
import type { Job, Step, WorkflowFile, WorkflowRule } from '../workflow.ts'

const setups = ['actions/setup-node', 'actions/setup-python', 'actions/setup-java', 'ruby/setup-ruby', 'actions/setup-dotnet', 'oven-sh/setup-bun']
const caches = ['actions/cache', 'swatinem/rust-cache', 'mozilla-actions/sccache-action']
const publishers = /^(?:softprops\/action-gh-release|pypa\/gh-action-pypi-publish|rubygems\/release-gem|js-devtools\/npm-publish|goreleaser\/goreleaser-action|actions\/create-release|ncipollo\/release-action|cycjimmy\/semantic-release-action)$/

export const cachePoisoning: WorkflowRule = {
  id: 'workflows/cache-poisoning',
  title: 'A cache carries code between what is trusted and what is not',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-349',
  fix: 'Build releases without a cache, and let no workflow that runs code of a pull request write one that others read.',
  *examine(file) {
    const checkouts = privilegedEvents(file).length > 0 ? untrustedCheckouts(file) : []
    for (const job of file.jobs) {
      const used = job.steps.find(usesCache)
      if (!used?.uses) continue
      if (checkouts.some((found) => found.job === job && found.step.node.start < used.node.end))
        yield { at: used.uses.node, message: `job ${job.id.text} runs code of a pull request and writes the cache of the default branch, which every later run reads`, severity: isGuarded(file, job) || get(job.node, 'environment') ? 'medium' : 'high' }
      else if (isReleaseOnly(file) && publishes(file, job)) yield { at: used.uses.node, message: `job ${job.id.text} publishes what it builds from a cache, which any run of the default branch may have written` }
    }
  },
}

function usesCache(step: Step): boolean {
  const action = actionOf(step.uses) ?? ''
  if (caches.includes(action)) return scalarOf(get(step.with, 'lookup-only'))?.text !== 'true'
  const cache = scalarOf(get(step.with, 'cache') ?? get(step.with, 'bundler-cache'))
  return setups.includes(action) && cache !== undefined && cache.text !== '' && cache.text !== 'false'
}

const publishes = (file: WorkflowFile, job: Job) =>
  accessOf(job.permissions, 'packages') === 'write' ||
  job.steps.some((step) => publishers.test(actionOf(step.uses) ?? '') || file.scriptOf(step).some(({ text }) => /\b(?:npm|pnpm|yarn npm|cargo|poetry|uv|twine|gem|vsce) (?:publish|upload|push)\b|\bgh release (?:create|upload)\b|\bdocker push\b|\bgradlew? \w*publish|\bmvnw? .*\bdeploy\b/i.test(text)))
