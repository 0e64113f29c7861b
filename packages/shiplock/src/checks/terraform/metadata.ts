import { at, type TerraformRule } from './rule.ts'

/** For what the metadata of a virtual machine, of its template or of the whole project says. Case means nothing in it. */
export const metadataOf = (key: string, judge: (value: string) => string | undefined): NonNullable<TerraformRule['examine']> =>
  function* (module) {
    for (const { address, view } of module.resources('google_compute_instance', 'google_compute_instance_template', 'google_compute_region_instance_template', 'google_compute_project_metadata')) {
      const field = view.find('metadata')
      const raw = field.raw?.kind === 'object' ? field.raw.entries.get(key) : undefined
      const wrong = raw?.kind === 'scalar' ? judge(String(raw.value).toLowerCase()) : undefined
      if (raw && wrong !== undefined) yield at({ ...field, place: raw.at.file === field.place.file ? raw.at : field.place, isAssumed: field.isAssumed || raw.isAssumed }, `${address} ${wrong}`)
    }
    for (const { address, find } of module.resources('google_compute_project_metadata_item')) {
      const value = find('value')
      const wrong = find('key').value === key && value.value !== undefined ? judge(String(value.value).toLowerCase()) : undefined
      if (wrong !== undefined) yield at(value, `${address} ${wrong}`)
    }
  }
