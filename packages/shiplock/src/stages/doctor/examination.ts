/** What `shiplock doctor` says of one thing that a run needs. */
export interface Examination {
  readonly topic: 'machine' | 'repository' | 'advisories' | 'cloud'
  readonly name: string
  /**
   * `good`: as it should be. `note`: it works, with less. `missing`: what needs it will fail. `unknown`: it could not be
   * looked at, which is no better.
   */
  readonly state: 'good' | 'note' | 'missing' | 'unknown'
  readonly text: string
  /** The command, or the line of the config, that mends it. */
  readonly mend?: string
}

export const good = (topic: Examination['topic'], name: string, text: string): Examination => ({ topic, name, state: 'good', text })
