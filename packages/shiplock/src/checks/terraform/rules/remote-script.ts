import { at, type TerraformRule } from '../rule.ts'
import { pattern } from '../value.ts'
import type { Field } from '../view.ts'

/** `curl … | sh`, `sh <(curl …)`, `sh -c "$(curl …)"` */
const piped = /\b(?:curl|wget)\b[^\n;&]*\|\s*(?:sudo\s+(?:-\w+\s+)*)?(?:(?:\/usr)?\/bin\/)?(?:env\s+)?(?:ba|da|z|k)?sh\b|\b(?:ba|da|z|k)?sh\b[^\n;]*(?:<\(|\$\(|`)\s*(?:curl|wget)\b|\b(?:curl|wget)\b[^\n;&]*\|\s*(?:sudo\s+)?(?:python[\d.]*|node|perl|ruby)\b/

export const remoteScript: TerraformRule = {
  id: 'terraform/remote-script',
  title: 'An apply runs a script from the internet',
  severity: 'high',
  confidence: 'high',
  cwe: 'CWE-494',
  recommendation: 'HashiCorp Terraform, "Provisioners": a last resort; SLSA 1.1: consume what is verified',
  fix: 'Download a fixed version, compare its digest, then run it; better, do it outside of Terraform.',
  *examine(module) {
    for (const resource of module.resourcesLike(/^(?!data\.)/))
      for (const provisioner of resource.view.blocks('provisioner'))
        for (const command of [provisioner.find('command'), ...provisioner.items('inline')]) if (isPiped(command)) yield at(command, `${resource.address} runs what it downloads`)
    for (const { address, view } of module.resources('data.external'))
      for (const part of view.items('program')) if (isPiped(part)) yield at(part, `${address} runs what it downloads`)
  },
}

const isPiped = (field: Field) => piped.test(pattern(field.raw)?.slice(0, 5000) ?? '')
