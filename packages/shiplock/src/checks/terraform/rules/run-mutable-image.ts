import { eachContainer } from '../cloud-run.ts'
import { at, type TerraformRule } from '../rule.ts'
import { pattern } from '../value.ts'

export const runMutableImage: TerraformRule = {
  id: 'terraform/run-mutable-image',
  title: 'A Cloud Run service runs whatever a tag points to',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-829',
  recommendation: 'Google Cloud Run, "Deploying container images": deploy by digest; SLSA 1.1, "Verifying artifacts"',
  fix: 'Name the image by its digest, `IMAGE@sha256:…`, or let the pipeline set it and ignore `image` in `lifecycle`.',
  *examine(module) {
    for (const { address, container, isImageIgnored } of eachContainer(module)) {
      if (isImageIgnored) continue
      const image = container.find('image')
      const reference = pattern(image.raw)
      if (reference === undefined) continue
      const tag = /:([^:/@\u{FFFC}]+)$/u.exec(reference)?.[1]
      if (tag !== undefined && !reference.includes('@')) yield { ...at(image, `${address} runs the image by its tag ${tag}`), ...(tag !== 'latest' && { severity: 'low' }) }
      // Without a tag it is `latest`; only sure where the name's end is known.
      else if (/^[\w./-]*\/[\w.-]+$/.test(reference)) yield at(image, `${address} runs the image without a tag or digest, which is latest`)
    }
  },
}
