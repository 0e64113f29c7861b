import { keepsStrangersOut } from '../events.ts'
import { get } from '../tree.ts'
import type { WorkflowFile, WorkflowRule } from '../workflow.ts'

export const unguardedCommentCommand: WorkflowRule = {
  id: 'workflows/unguarded-comment-command',
  title: 'Anybody can start a job by a comment',
  severity: 'medium',
  confidence: 'medium',
  cwe: 'CWE-862',
  fix: "Add to the condition who may: `contains(fromJSON('[\"OWNER\", \"MEMBER\"]'), github.event.comment.author_association)`.",
  *examine(file) {
    // With the other event beside it, it is meant for everybody.
    if (!file.events.has('issue_comment') || file.events.has('pull_request_target')) return
    for (const job of file.jobs) {
      const condition = file.condition(job)
      const isCommand = condition?.calls.some(({ name, arguments: [first] }) => (name === 'contains' || name === 'startswith') && first?.path === 'github.event.comment.body') || condition?.comparisons.some(({ path, operator }) => path === 'github.event.comment.body' && operator === '==')
      if (!condition || !isCommand || keepsStrangersOut(file, condition, ['issue_comment']) || job.steps.some((step) => keepsStrangersOut(file, file.condition(step), ['issue_comment']) || asksForPermission(file, step.node.start, step.node.end))) continue
      if (!readsSecret(file, job.node.start, job.node.end) && !get(job.node, 'environment')) continue
      yield { at: condition, message: `job ${job.id.text} runs with secrets for everybody who can comment` }
    }
  },
}

const asksForPermission = (file: WorkflowFile, start: number, end: number) => /permission|collaborator|author_association|membership/i.test(file.text.slice(start, end))

const readsSecret = (file: WorkflowFile, start: number, end: number) => /\bsecrets\.(?!GITHUB_TOKEN\b)\w+/.test(file.text.slice(start, end))
