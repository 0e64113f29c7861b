import type { TerraformRule } from '../rule.ts'
import { at } from '../rule.ts'

export const httpState: TerraformRule = {
  id: 'terraform/http-state',
  title: 'The state goes over the network in plain text',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-319',
  recommendation: 'HashiCorp Terraform, "Backend type: http"; Google Cloud, "Best practices for using Terraform securely": protect state',
  fix: 'Use `backend "gcs"`, or an https address without `skip_cert_verification`.',
  *examine(module) {
    for (const view of module.blocks('terraform'))
      for (const backend of view.blocks('backend')) {
        if (backend.block.labels[0] !== 'http') continue
        for (const name of ['address', 'lock_address', 'unlock_address']) {
          const address = backend.find(name)
          if (typeof address.value === 'string' && /^http:\/\/(?!localhost[:/]|127\.)/.test(address.value)) yield at(address, `the state is sent to ${new URL(address.value).host} without TLS`)
        }
        const skip = backend.find('skip_cert_verification')
        if (skip.value === true) yield at(skip, 'the state is sent without looking at the certificate')
      }
  },
}
