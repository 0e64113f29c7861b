import { actionOf } from '../reference.ts'
import { scannerOf } from '../scanners.ts'
import type { WorkflowRule } from '../workflow.ts'

const logins: readonly string[] = ['google-github-actions/auth', 'aws-actions/configure-aws-credentials', 'azure/login']

export const scannerBesideCloudKey: WorkflowRule = {
  id: 'workflows/scanner-beside-cloud-key',
  title: 'A scanner that can be swapped runs where the cloud is open',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-653',
  fix: 'Scan in a job of its own that holds no credentials, and let the job that deploys need it.',
  *examine(file) {
    for (const job of file.jobs) {
      const login = job.steps.find((step) => logins.includes(actionOf(step.uses) ?? ''))
      if (!login) continue
      for (const step of job.steps) {
        // A commit cannot be swapped, and GitHub's own are not somebody else's.
        if (step.node.start < login.node.start || step.uses?.kind !== 'repository' || step.uses.isCommit || step.uses.owner === 'github' || step.uses.owner === 'actions') continue
        const scanner = scannerOf(file, step)
        if (scanner !== undefined) yield { at: step.uses.node, message: `${scanner} runs after ${actionOf(login.uses)} has opened the cloud for job ${job.id.text}`, related: [login.node] }
      }
    }
  },
}
