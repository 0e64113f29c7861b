import { grantedToEveryone } from '../public-access.ts'
import { isEveryone } from '../grants.ts'
import { at, cis, type TerraformRule } from '../rule.ts'

const granted = grantedToEveryone((on) => on.startsWith('google_bigquery_'))

export const bigqueryPublic: TerraformRule = {
  id: 'terraform/bigquery-public',
  title: 'A dataset is public',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-284',
  recommendation: cis('7.1'),
  fix: 'Name the principals that query it.',
  *examine(module) {
    yield* granted(module)
    const views = [
      ...module.resources('google_bigquery_dataset').flatMap(({ address, view }) => view.blocks('access').map((access) => [address, access] as const)),
      ...module.resources('google_bigquery_dataset_access').map(({ address, view }) => [address, view] as const),
    ]
    for (const [address, view] of views)
      for (const name of ['special_group', 'iam_member']) {
        const group = view.find(name)
        if (isEveryone(group.value)) yield at(group, `${address} lets ${String(group.value)} in`)
      }
  },
}
