/** Names of ecosystems as OSV spells them, and the types of package URLs. */
const types: Readonly<Record<string, string>> = { npm: 'npm', PyPI: 'pypi', Go: 'golang', 'crates.io': 'cargo', RubyGems: 'gem', NuGet: 'nuget', Packagist: 'composer', Maven: 'maven', Hex: 'hex', Pub: 'pub' }

/** `pkg:npm/%40scope/name@1.0.0`; undefined where the ecosystem has no type that is known here. */
export function packageUrl(ecosystem: string, name: string, version: string): string | undefined {
  const type = Object.hasOwn(types, ecosystem) ? types[ecosystem] : undefined
  if (type === undefined || name === '' || version === '') return undefined
  const parts = (type === 'maven' ? name.split(':') : name.split('/')).map((part) => encodeURIComponent(part.toWellFormed()))
  return `pkg:${type}/${parts.join('/')}@${encodeURIComponent(version.toWellFormed())}`
}
