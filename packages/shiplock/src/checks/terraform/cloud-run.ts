import type { Module } from './module.ts'
import type { Field, View } from './view.ts'

interface Template {
  readonly address: string
  readonly template: View
  /** Where the template names its service account. */
  readonly serviceAccount: string
  readonly secretReferences: readonly (readonly [path: string, attribute: string])[]
  readonly isImageIgnored: boolean
}

/** By resource: the blocks down to what holds the containers, and how that spells things. */
const kinds: readonly (readonly [type: string, path: readonly string[], serviceAccount: string, secret: readonly [string, string]])[] = [
  ['google_cloud_run_v2_service', ['template'], 'service_account', ['value_source.secret_key_ref', 'version']],
  ['google_cloud_run_v2_worker_pool', ['template'], 'service_account', ['value_source.secret_key_ref', 'version']],
  ['google_cloud_run_v2_job', ['template', 'template'], 'service_account', ['value_source.secret_key_ref', 'version']],
  ['google_cloud_run_service', ['template', 'spec'], 'service_account_name', ['value_from.secret_key_ref', 'key']],
]

/** The templates of Cloud Run services, jobs and worker pools, of both resources' shapes. */
export function* eachTemplate(module: Module): Generator<Template> {
  for (const [type, path, serviceAccount, secret] of kinds)
    for (const { address, view } of module.resources(type)) {
      const templates = path.reduce((views, block) => views.flatMap((it) => it.blocks(block)), [view])
      for (const template of templates) yield { address, template, serviceAccount, secretReferences: [secret], isImageIgnored: isImageIgnored(view) }
    }
}

export function* eachContainer(module: Module): Generator<Template & { readonly container: View }> {
  for (const template of eachTemplate(module)) for (const container of template.template.blocks('containers')) yield { ...template, container }
}

/** The image is somebody else's to set: it is here only for the first apply. */
function isImageIgnored(view: View): boolean {
  return view.blocks('lifecycle').some(({ block }) => {
    const changes = block.body.attributes.find(({ name }) => name === 'ignore_changes')
    if (!changes) return false
    const { file } = view.scope
    return /\ball\b|\bimage\b|\btemplate\b(?!\s*\[)/.test(file.text.slice(changes.value.start, changes.value.end))
  })
}

/** Every environment variable that is set to a value of its own. */
export function* eachEnvironment(module: Module): Generator<{ readonly address: string; readonly name: string; readonly value: Field }> {
  for (const { address, container } of eachContainer(module))
    for (const environment of container.blocks('env')) {
      const name = environment.find('name').value
      if (typeof name === 'string') yield { address, name, value: environment.find('value') }
    }
  for (const [type, path] of [['google_cloudfunctions_function', ''], ['google_cloudfunctions2_function', 'service_config.']] as const)
    for (const { address, find } of module.resources(type)) {
      const variables = find(`${path}environment_variables`)
      if (variables.raw?.kind !== 'object') continue
      for (const [name, raw] of variables.raw.entries) {
        const value = raw.kind === 'scalar' && raw.value !== null ? raw.value : undefined
        yield { address, name, value: { state: 'set', raw, value, isAssumed: raw.isAssumed || variables.isAssumed, place: raw.at.file === variables.place.file ? raw.at : variables.place } }
      }
    }
}

/** Every secret that a container gets, as a variable or as a file, with the version that it names. */
export function* secretVersions(module: Module): Generator<{ readonly address: string; readonly name: string; readonly version: Field }> {
  const nameOf = (view: View, path: string) => String(view.find(path).value ?? '')
  for (const { address, container, secretReferences } of eachContainer(module))
    for (const environment of container.blocks('env')) for (const [path, attribute] of secretReferences) yield { address, name: nameOf(environment, 'name'), version: environment.find(`${path}.${attribute}`) }
  for (const { address, template, secretReferences } of eachTemplate(module))
    for (const volume of template.blocks('volumes'))
      for (const secret of volume.blocks('secret')) for (const item of secret.blocks('items')) for (const [, attribute] of secretReferences) yield { address, name: nameOf(secret, 'secret') || nameOf(secret, 'secret_name'), version: item.find(attribute) }
  for (const [type, path] of [['google_cloudfunctions_function', []], ['google_cloudfunctions2_function', ['service_config']]] as const)
    for (const { address, view } of module.resources(type)) {
      const holders = path.reduce<View[]>((views, block) => views.flatMap((it) => it.blocks(block)), [view])
      for (const secret of holders.flatMap((it) => it.blocks('secret_environment_variables'))) yield { address, name: nameOf(secret, 'key'), version: secret.find('version') }
    }
}

const secretAttributes = /^(?:random_password\.[\w-]+\.result|(?:data\.)?google_secret_manager_secret_version\.[\w-]+\.secret_data|google_sql_user\.[\w-]+\.password)$/

/** Tells whether a reference leads to what is surely secret: a password that was made, or a variable marked sensitive. */
export function secretVariables(module: Module): (reference: string | undefined) => boolean {
  const sensitive = new Set(module.blocks('variable').filter((view) => view.find('sensitive').value === true).map((view) => `var.${view.block.labels[0] ?? ''}`))
  return (reference) => reference !== undefined && (sensitive.has(reference) || secretAttributes.test(reference))
}
