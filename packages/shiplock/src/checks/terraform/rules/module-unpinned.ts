import { at, type TerraformRule } from '../rule.ts'

export const moduleUnpinned: TerraformRule = {
  id: 'terraform/module-unpinned',
  title: 'A module from elsewhere may change',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-829',
  recommendation: 'HashiCorp Terraform, "Module sources"; CIS Software Supply Chain Security Guide 1.0, 3.1: pin dependencies',
  fix: 'Name a commit, `?ref=` and 40 digits; for a module of a registry, its exact `version`.',
  *examine(module) {
    for (const view of module.blocks('module')) {
      const source = view.find('source')
      const name = view.block.labels[0] ?? ''
      if (typeof source.value !== 'string' || /^\.{1,2}(?:\/|$)/.test(source.value)) continue
      const version = view.find('version')
      if (isGit(source.value)) {
        const ref = /[?&]ref=([^&]*)/.exec(source.value)?.[1]
        if (ref === undefined) yield at(source, `module.${name} follows the default branch of ${place(source.value)}`)
        else if (!/^[\da-f]{40}$/i.test(ref)) yield { ...at(source, `module.${name} follows ${ref} of ${place(source.value)}, which can be moved`), ...(/^v?\d/.test(ref) && { severity: 'low' as const }) }
      } else if (/^(?:[\w.-]+\.[a-z]+\/)?[\w-]+\/[\w-]+\/[\w-]+(?:\/\/.*)?$/.test(source.value) && version.state === 'absent') yield at(source, `module.${name} takes the newest version of ${place(source.value)}`)
    }
  },
}

const isGit = (source: string) => /^(?:git::|git@|github\.com\/|bitbucket\.org\/|hg::)|^https:\/\/[^/]+\/.*\.git(?:[/?]|$)/.test(source)

/** Without a user or a token that may be in it. */
const place = (source: string) => source.replace(/^(?:git|hg)::/, '').replace(/\/\/[^/@]*@/, '//').replace(/[?].*$/s, '')
