import { deploymentOf } from '../deployments.ts'
import { get, scalarOf } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

export const mutableDeployment: WorkflowRule = {
  id: 'workflows/mutable-deployment',
  title: 'What is deployed is named by `latest`',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-494',
  fix: 'Deploy the digest that was built and scanned: `--image name@sha256:…`.',
  *examine(file) {
    for (const job of file.jobs) {
      const deployment = deploymentOf(file, job)
      if (!deployment) continue
      if (/--image[= ](?:[^\s$]|\$(?!\{\{)|\$\{\{[^}\n]*\}\})*:latest\b|\bset image\b.*:latest\b/.test(deployment.text)) yield { at: deployment.at, message: `\`${deployment.name}\` deploys \`latest\`, which need not be the image that was built and scanned` }
      const image = job.steps.map((step) => (step.uses?.node === deployment.at ? scalarOf(get(step.with, 'image') ?? get(step.with, 'images')) : undefined)).find((node) => node?.text.endsWith(':latest'))
      if (image) yield { at: image, message: `${deployment.name} deploys \`latest\`, which need not be the image that was built and scanned` }
    }
  },
}
