import { actionOf, isAction } from '../reference.ts'
import { entriesOf, get, scalarOf } from '../tree.ts'
import type { WorkflowRule } from '../workflow.ts'

const logins = ['docker/login-action', 'redhat-actions/podman-login', 'azure/docker-login', 'pypa/gh-action-pypi-publish']

export const hardCodedCredentials: WorkflowRule = {
  id: 'workflows/hard-coded-credentials',
  title: 'A password for a registry is in the workflow',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-798',
  fix: 'Keep the password as a secret and name it: `password: ${{ secrets.REGISTRY_PASSWORD }}`; change the one that was here.',
  *examine(file) {
    for (const step of file.steps) {
      const password = isAction(step, ...logins) ? scalarOf(get(step.with, 'password')) : undefined
      if (password && password.text !== '' && !password.text.includes('${{')) yield { at: password, message: `${actionOf(step.uses) ?? ''} has its password written here`, snippet: 'password: ***' }
    }
    for (const job of file.jobs) {
      const containers = [{ name: 'the container', node: get(job.node, 'container') }, ...entriesOf(get(job.node, 'services')).map(({ key, value }) => ({ name: `service ${key.text}`, node: value }))]
      for (const { name, node } of containers) {
        const password = scalarOf(get(get(node, 'credentials'), 'password'))
        if (password && password.text !== '' && !password.text.includes('${{')) yield { at: password, message: `${name} of job ${job.id.text} has its registry's password written here`, snippet: 'password: ***' }
      }
    }
  },
}
