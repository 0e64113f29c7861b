import type { TerraformRule } from '../rule.ts'
import { opened } from '../firewall.ts'

const databases = new Map([[3306, 'MySQL'], [5432, 'PostgreSQL'], [1433, 'SQL Server'], [6379, 'Redis'], [27017, 'MongoDB'], [9200, 'Elasticsearch'], [11211, 'memcached']])

export const firewallDatabase: TerraformRule = {
  id: 'terraform/firewall-database',
  title: 'A database is open to the internet',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-284',
  recommendation: 'Google Cloud VPC, "Use VPC firewall rules": least privilege',
  fix: 'Allow the port only from the addresses or service accounts that use the database.',
  examine: opened(({ protocol, includes, isAll }) => {
    const names = [...databases].filter(([port]) => protocol === 'tcp' && includes(port)).map(([, name]) => name)
    return isAll || names.length === 0 ? undefined : names.join(', ')
  }),
}
