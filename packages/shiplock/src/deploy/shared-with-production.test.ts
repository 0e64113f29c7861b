import { expect, test } from 'vitest'
import { serviceSchema, type RevisionTemplate } from './cloud-run.ts'
import { sharedWithProduction } from './shared-with-production.ts'

const template = (parts: object, ...env: object[]): RevisionTemplate => serviceSchema.parse({ name: 's', template: { serviceAccount: 'own@p.iam.gserviceaccount.com', ...parts, containers: [{ image: 'i', env }] } }).template
const secretVariable = (name: string, secret: string) => ({ name, valueSource: { secretKeyRef: { secret, version: '1' } } })
const production = template(
  { serviceAccount: 'todo@p.iam.gserviceaccount.com', volumes: [{ name: 'sql', cloudSqlInstance: { instances: ['p:here:main'] } }, { name: 'key', secret: { secret: 'projects/p/secrets/session-key', items: [] } }] },
  secretVariable('DATABASE_PASSWORD', 'database-password'),
  { name: 'DATABASE_URL', value: 'mysql://todo@db.internal:3306/todo' },
  { name: 'CLOUD_SQL_INSTANCE', value: 'p:here:main' },
  { name: 'LOG_LEVEL', value: 'info' },
)

test.for([
  ['an identity', template({ serviceAccount: 'todo@p.iam.gserviceaccount.com' }), "production's identity todo@p.iam.gserviceaccount.com"],
  ['no identity, which is everybody’s', template({ serviceAccount: undefined }), 'no identity of its own'],
  ['a secret in a variable', template({}, secretVariable('ANY', 'projects/p/secrets/database-password')), "production's secret database-password"],
  ['a secret in a file', template({ volumes: [{ name: 'k', secret: { secret: 'session-key' } }] }), "production's secret session-key"],
  ['an instance of Cloud SQL', template({ volumes: [{ name: 'sql', cloudSqlInstance: { instances: ['p:here:previews', 'p:here:main'] } }] }), "production's database p:here:main"],
  ['an instance of Cloud SQL in an annotation', template({ annotations: { 'run.googleapis.com/cloudsql-instances': 'p:here:other,p:here:main' } }), "production's database p:here:main"],
  ['an instance in a variable', template({}, { name: 'SQL_INSTANCE', value: 'p:here:main' }), "production's database, by SQL_INSTANCE"],
  ['the address of a database, as somebody else', template({}, { name: 'STORE', value: 'mysql://preview@db.internal:3306/todo?tls=1' }), "production's database, by STORE"],
] as const)('%s that production has too is named', ([, preview, name]) => {
  expect(sharedWithProduction(production, preview).join()).toContain(name)
})

test('what is a preview’s own is nothing shared: another secret, another database, another name on the same server, this machine', () => {
  const own = template(
    { volumes: [{ name: 'sql', cloudSqlInstance: { instances: ['p:here:previews'] } }] },
    secretVariable('DATABASE_PASSWORD', 'preview-password'),
    { name: 'DATABASE_URL', value: 'mysql://todo@db.internal:3306/preview' },
    { name: 'DATABASE', value: 'mysql://todo@/todo' },
    { name: 'DB_HOST', value: '127.0.0.1' },
    { name: 'LOG_LEVEL', value: 'info' },
  )
  expect(sharedWithProduction(production, own)).toEqual([])
  expect(sharedWithProduction(template({ serviceAccount: 'todo@p.iam.gserviceaccount.com' }, { name: 'DB_HOST', value: '127.0.0.1' }, { name: 'DATABASE', value: 'mysql://todo@/todo' }), own)).toEqual([])
  // Nothing serves yet: what the config says of it is known, and that every service has an identity.
  const told = template({}, { name: 'DATABASE_URL', value: 'mysql://todo@db.internal/todo' })
  expect(sharedWithProduction(undefined, told, { DATABASE_URL: 'mysql://todo@db.internal/todo' })).toEqual(["production's database, by DATABASE_URL"])
  expect([sharedWithProduction(undefined, own), sharedWithProduction(undefined, template({ serviceAccount: '' })).length]).toEqual([[], 1])
})
