import { eachEnvironment, secretVariables } from '../cloud-run.ts'
import { at, type TerraformRule } from '../rule.ts'
import { isSecretName, isPlaceholder } from '../secret-names.ts'

export const runPlainSecret: TerraformRule = {
  id: 'terraform/run-plain-secret',
  title: 'A secret is a plain environment variable',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-526',
  recommendation: 'CIS Google Cloud Platform Foundation Benchmark 3.0.0, 1.17; Google Cloud Run, "Configure secrets for services"',
  fix: 'Keep it in Secret Manager and use `value_source { secret_key_ref { … } }`; then change the secret.',
  *examine(module) {
    const sensitive = secretVariables(module)
    for (const { address, name, value } of eachEnvironment(module)) {
      if (!isSecretName(name) || !value.raw) continue
      if (typeof value.value === 'string' && !isPlaceholder(value.value)) yield { ...at(value, `${address} has ${name} in plain text`), secret: value.value }
      else if (value.raw.kind === 'unknown' && sensitive(value.raw.reference)) yield at(value, `${address} has ${name} as a plain variable, from ${value.raw.reference ?? 'a secret'}`)
    }
  },
}
