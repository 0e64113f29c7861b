import type { Module } from '../module.ts'
import { at, type TerraformRule } from '../rule.ts'
import type { View } from '../view.ts'

function* configurations(module: Module): Generator<readonly [address: string, view: View]> {
  for (const { address, view } of module.resourcesLike(/^google_(?:project|folder|organization)_iam_audit_config$/)) for (const log of view.blocks('audit_log_config')) yield [address, log]
  for (const { address, view } of module.resources('data.google_iam_policy')) for (const config of view.blocks('audit_config')) for (const log of config.blocks('audit_log_configs')) yield [address, log]
}

export const auditLogExemption: TerraformRule = {
  id: 'terraform/audit-log-exemption',
  title: 'Somebody is left out of the audit log',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-778',
  recommendation: 'CIS Google Cloud Platform Foundation Benchmark 3.0.0, 2.1',
  fix: 'Take `exempted_members` away; exclude noise in the log sink instead, where it can be seen.',
  *examine(module) {
    for (const [address, log] of configurations(module)) for (const member of log.items('exempted_members')) yield at(member, `${address} leaves ${typeof member.value === 'string' ? member.value : 'a member'} out of the audit log`)
  },
}
