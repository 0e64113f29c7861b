import { actionOf } from './reference.ts'
import type { Range } from './tree.ts'
import type { Job, WorkflowFile } from './workflow.ts'

export interface Deployment {
  readonly name: string
  /** The whole command line, or what `uses` names. */
  readonly text: string
  readonly at: Range
}

const actions: readonly string[] = [
  'google-github-actions/deploy-cloudrun',
  'google-github-actions/deploy-appengine',
  'google-github-actions/deploy-cloud-functions',
  'aws-actions/amazon-ecs-deploy-task-definition',
  'azure/webapps-deploy',
  'azure/k8s-deploy',
  'azure/functions-action',
  'superfly/flyctl-actions',
  'actions/deploy-pages',
]

const command = /^(?:npx |sudo )?(gcloud (?:beta |alpha )?(?:run deploy|run services (?:update|replace)|app deploy|functions deploy|deploy releases)|kubectl (?:apply|set image|rollout restart)|helm (?:upgrade|install)|terraform apply|tofu apply|pulumi up|cdk deploy|serverless deploy|fly(?:ctl)? deploy|aws (?:ecs update-service|lambda update-function-code|cloudformation deploy)|az webapp deploy|vercel (?:deploy|--prod)|wrangler (?:deploy|publish)|firebase deploy)\b/

/** What a job deploys with, the first of it. */
export function deploymentOf(file: WorkflowFile, job: Job): Deployment | undefined {
  for (const step of job.steps) {
    const { uses } = step
    const action = actionOf(uses)
    if (uses && action !== undefined && actions.includes(action)) return { name: action, text: uses.node.text, at: uses.node }
    for (const line of file.scriptOf(step)) {
      const name = command.exec(line.text)?.[1]
      if (name !== undefined) return { name, text: line.text, at: line }
    }
  }
  return undefined
}
