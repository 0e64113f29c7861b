import { at, type TerraformRule } from '../rule.ts'
import { referenceOf } from '../value.ts'

/** Attributes that are secret by what they are; the provider marks them, and an output must then say so itself. */
const secretAttributes = /^(?:random_password\.[\w-]+\.(?:result|bcrypt_hash)|tls_private_key\.[\w-]+\.private_key_\w+|google_service_account_key\.[\w-]+\.private_key|(?:data\.)?google_secret_manager_(?:regional_)?secret_version\.[\w-]+\.secret_data|google_sql_user\.[\w-]+\.password|google_sql_ssl_cert\.[\w-]+\.private_key|google_storage_hmac_key\.[\w-]+\.secret|google_apikeys_key\.[\w-]+\.key_string|google_container_cluster\.[\w-]+\.master_auth)\b/

export const sensitiveOutput: TerraformRule = {
  id: 'terraform/sensitive-output',
  title: 'An output shows a secret',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-532',
  recommendation: 'HashiCorp Terraform, "Output values": sensitive; Google Cloud, "Best practices for using Terraform securely": mark sensitive outputs',
  fix: 'Take the output away, or set `sensitive = true`.',
  *examine(module) {
    for (const view of module.blocks('output')) {
      const sensitive = view.find('sensitive')
      if (sensitive.state === 'unknown' || (sensitive.state === 'set' && sensitive.value !== false)) continue
      const field = view.find('value')
      const reference = referenceOf(field.raw)
      if (reference !== undefined && secretAttributes.test(reference)) yield at(field, `the output ${view.block.labels[0] ?? ''} shows ${reference}`)
    }
  },
}
