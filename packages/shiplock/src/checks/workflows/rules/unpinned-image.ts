import { entriesOf, get, scalarOf } from '../tree.ts'
import { isMutableImage } from '../reference.ts'
import type { WorkflowRule } from '../workflow.ts'

export const unpinnedImage: WorkflowRule = {
  id: 'workflows/unpinned-image',
  title: 'An image is named by a tag',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-829',
  fix: 'Add the digest of the image: `name:tag@sha256:…`.',
  *examine(file) {
    for (const { uses } of file.steps)
      if (uses?.kind === 'image' && isMutableImage(uses.image)) yield { at: uses.node, message: `the step runs in ${uses.image}, whose tag can be moved` }
    const own = scalarOf(get(get(file.root, 'runs'), 'image'))
    if (file.kind === 'action' && own?.text.startsWith('docker://') && isMutableImage(own.text)) yield { at: own, message: `the action is ${own.text}, whose tag can be moved` }
    for (const job of file.jobs) {
      const container = get(job.node, 'container')
      const image = scalarOf(container) ?? scalarOf(get(container, 'image'))
      if (image && isMutableImage(image.text)) yield { at: image, message: `job ${job.id.text} runs in ${image.text}, whose tag can be moved`, severity: 'low' }
      for (const { key, value } of entriesOf(get(job.node, 'services'))) {
        const service = scalarOf(get(value, 'image'))
        if (service && isMutableImage(service.text)) yield { at: service, message: `service ${key.text} of job ${job.id.text} is ${service.text}, whose tag can be moved`, severity: 'low' }
      }
    }
  },
}
