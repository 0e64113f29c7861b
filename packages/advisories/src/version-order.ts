import semver from 'semver'

/** How versions of an ecosystem follow each other. */
export interface VersionOrder {
  /** Whether a text is one of its versions at all. */
  readonly isVersion: (text: string) => boolean
  /** Whether it is one as somebody would write down to install it. */
  readonly isExact: (text: string) => boolean
  /** Below zero where `a` is older. What is no version is after everything, so that it fixes nothing. */
  readonly compare: (a: string, b: string) => number
}

/** npm's and Node's. */
export const semverOrder: VersionOrder = {
  isVersion: (text) => semver.valid(text, { loose: true }) !== null,
  isExact: (text) => semver.valid(text) !== null,
  compare: (a, b) => {
    const [left, right] = [semver.parse(a, { loose: true }), semver.parse(b, { loose: true })]
    return left && right ? left.compare(right) : Number(left === null) - Number(right === null)
  },
}

/** An order of which there is nothing more to know than what is a version and how two of them compare. */
export const orderOf = (isVersion: (text: string) => boolean, compare: (a: string, b: string) => number): VersionOrder => ({
  isVersion,
  isExact: isVersion,
  compare: (a, b) => {
    const [left, right] = [isVersion(a), isVersion(b)]
    return left && right ? compare(a, b) : Number(!left) - Number(!right)
  },
})
