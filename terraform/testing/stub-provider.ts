/**
 * A provider of hashicorp/google's schema without hashicorp/google: enough for Terraform's own engine to check and test the modules with no
 * network and no account. It knows names, types and what is required; it does not know what the API would refuse.
 */
import { loadPackageDefinition, Server, ServerCredentials, type ServiceClientConstructor } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GoogleSchema, SchemaBlock } from './google-schema.ts'

const nestingModes = { single: 1, list: 2, set: 3 } as const

const schemaOf = (block: SchemaBlock): object => ({ version: 0, block: blockOf(block) })
const blockOf = (block: SchemaBlock): object => ({
  attributes: Object.entries(block.attributes).map(([name, [type, presence]]) => ({
    name,
    type: Buffer.from(JSON.stringify(type)),
    required: presence === 'r',
    optional: presence.startsWith('o'),
    computed: presence.endsWith('c'),
    // The bindings don't keep the flag; the provider's names do.
    write_only: name.endsWith('_wo'),
    sensitive: name.endsWith('_wo'),
  })),
  block_types: Object.entries(block.blocks).map(([type_name, nested]) => ({
    type_name,
    block: blockOf(nested),
    nesting: nestingModes[nested.nesting],
    min_items: nested.min,
    max_items: nested.max,
  })),
})

/** Settings that a provider block of ours gives; the real provider has many more. */
const providerBlock: SchemaBlock = {
  attributes: { project: ['string', 'o'], region: ['string', 'o'], user_project_override: ['bool', 'o'], billing_project: ['string', 'o'] },
  blocks: {},
}

/** Serves the schema on a Unix socket below `directory`; the result is what Terraform needs in TF_REATTACH_PROVIDERS. */
export async function startStubProvider(directory: string): Promise<{ readonly reattach: string; stop(): void }> {
  const google: GoogleSchema = JSON.parse(readFileSync(join(import.meta.dirname, 'google-schema.json'), 'utf8'))
  const schemas = (blocks: Record<string, SchemaBlock>): object => Object.fromEntries(Object.entries(blocks).map(([name, block]) => [name, schemaOf(block)]))
  const answer = { provider: schemaOf(providerBlock), resource_schemas: schemas(google.resources), data_source_schemas: schemas(google.dataSources) }
  const definition = loadPackageDefinition(loadSync(join(import.meta.dirname, 'tfplugin6.proto'), { keepCase: true }))
  const { Provider } = definition['tfplugin6'] as unknown as { Provider: ServiceClientConstructor }
  const nothing = (_: unknown, done: (error: null, answer: object) => void): void => done(null, {})
  const server = new Server()
  server.addService(Provider.service, {
    GetProviderSchema: (_: unknown, done: (error: null, answer: object) => void) => done(null, answer),
    ValidateProviderConfig: nothing,
    ValidateResourceConfig: nothing,
    ValidateDataResourceConfig: nothing,
    ConfigureProvider: nothing,
    PlanResourceChange: ({ request }: { request: { proposed_new_state: object } }, done: (error: null, answer: object) => void) => done(null, { planned_state: request.proposed_new_state }),
    StopProvider: nothing,
  })
  const socket = join(directory, 'provider.sock')
  await new Promise<void>((resolve, reject) => server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), (error) => (error === null ? resolve() : reject(error))))
  const address = { Protocol: 'grpc', ProtocolVersion: 6, Pid: process.pid, Test: true, Addr: { Network: 'unix', String: socket } }
  return { reattach: JSON.stringify({ 'registry.terraform.io/hashicorp/google': address }), stop: () => server.forceShutdown() }
}
