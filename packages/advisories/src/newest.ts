import semver from 'semver'

/** Higher than anybody counts. */
const most = 999_999_999

/**
 * The newest version that a range could ever take, whether there is one of it or not; undefined where it is no range of
 * versions, such as a tag. An advisory that affects it has no fix in the range.
 */
export function newestIn(range: string): string | undefined {
  if (semver.validRange(range, { loose: true }) === null) return undefined
  return new semver.Range(range, { loose: true }).set.flatMap((comparators) => newestOf(comparators) ?? []).toSorted(semver.compare).at(-1)
}

/** The lowest of the upper ends of comparators that hold together. */
function newestOf(comparators: readonly semver.Comparator[]): string | undefined {
  const ends = comparators.map(({ operator, semver: at }) => {
    // Every version, as `*` is read.
    if (at.version === undefined) return `${most}.${most}.${most}`
    if (operator === '<') return justBelow(at)
    return operator === '>' || operator === '>=' ? `${most}.${most}.${most}` : at.version
  })
  return ends.includes(undefined) ? undefined : (ends.filter((end) => end !== undefined).toSorted(semver.compare)[0] ?? `${most}.${most}.${most}`)
}

function justBelow({ major, minor, patch, prerelease }: semver.SemVer): string | undefined {
  if (prerelease.length > 0 && prerelease[0] !== 0) return `${major}.${minor}.${patch}-0`
  if (patch > 0) return `${major}.${minor}.${patch - 1}`
  if (minor > 0) return `${major}.${minor - 1}.${most}`
  return major > 0 ? `${major - 1}.${most}.${most}` : undefined
}
