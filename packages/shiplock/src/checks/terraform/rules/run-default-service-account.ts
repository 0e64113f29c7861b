import { eachTemplate } from '../cloud-run.ts'
import type { TerraformRule } from '../rule.ts'
import { pattern } from '../value.ts'

export const runDefaultServiceAccount: TerraformRule = {
  id: 'terraform/run-default-service-account',
  title: 'A Cloud Run service runs as the default service account',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-250',
  recommendation: 'Google Cloud Run, "Introduction to service identity": use a user-managed service account with the fewest permissions',
  fix: 'Make a service account for this service and name it in `service_account`.',
  *examine(module) {
    for (const { address, template, serviceAccount } of eachTemplate(module)) {
      const field = template.find(serviceAccount)
      const isDefault = pattern(field.raw)?.endsWith('-compute@developer.gserviceaccount.com') === true
      if (!template.isUncertain && (field.state === 'absent' || isDefault)) yield { message: `${address} runs as the default service account of Compute Engine`, place: field.place, isAssumed: field.isAssumed }
    }
  },
}
