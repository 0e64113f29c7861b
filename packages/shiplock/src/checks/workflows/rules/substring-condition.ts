import type { WorkflowRule } from '../workflow.ts'

export const substringCondition: WorkflowRule = {
  id: 'workflows/substring-condition',
  title: 'A condition looks for a name within a longer text',
  severity: 'medium',
  confidence: 'high',
  cwe: 'CWE-185',
  fix: "Compare with `==`, or look in a real list: `contains(fromJSON('[\"main\", \"release\"]'), github.ref_name)`.",
  *examine(file) {
    for (const owner of [...file.jobs, ...file.steps]) {
      const condition = file.condition(owner)
      for (const { name, arguments: [text, part] } of condition?.calls ?? []) {
        if (name !== 'contains' || text?.literal === undefined || part?.path === undefined) continue
        if (condition && /^github\.(?:ref|ref_name|head_ref|base_ref|actor|triggering_actor|event\..*)$/.test(part.path))
          yield { at: condition, message: `\`contains\` finds \`${part.path}\` anywhere in '${text.literal}': any piece of that text passes` }
      }
    }
  },
}
