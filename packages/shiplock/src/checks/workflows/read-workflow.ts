import { expressionsIn, readExpression } from './expressions.ts'
import { readReference } from './reference.ts'
import { readScript } from './script.ts'
import { entriesOf, get, scalarOf, scalarsOf, type MappingNode, type Node, type ScalarNode } from './tree.ts'
import type { Expression, Job, ScriptLine, Step, WorkflowFile } from './workflow.ts'

/** Reads what is there and leaves out what is not as it should be: `validity.ts` says that. */
export function readWorkflow(kind: WorkflowFile['kind'], text: string, root: Node): WorkflowFile {
  const permissions = kind === 'workflow' ? get(root, 'permissions') : undefined
  const jobs = kind === 'workflow' ? entriesOf(get(root, 'jobs')).flatMap(({ key, value }) => (value.kind === 'mapping' ? [readJob(key, value, permissions)] : [])) : []
  const steps = kind === 'workflow' ? jobs.flatMap((job) => job.steps) : readSteps(get(get(root, 'runs'), 'steps'))
  const expressions = remembering((node: ScalarNode): readonly Expression[] => expressionsIn(node, text))
  const condition = remembering((node: ScalarNode) => expressions(node)[0] ?? { ...readExpression(node.text), start: node.start, end: node.end })
  const script = remembering((node: ScalarNode): readonly ScriptLine[] => readScript(node, text, expressions(node)))
  return {
    kind,
    text,
    root,
    events: kind === 'workflow' ? readEvents(get(root, 'on')) : new Map(),
    permissions,
    jobs,
    steps,
    expressionsIn: expressions,
    scriptOf: ({ run }) => (run ? script(run) : []),
    condition: (owner) => {
      const node = scalarOf(get(owner.node, 'if'))
      return node && node.value !== null ? condition(node) : undefined
    },
  }
}

/** Many rules ask the same. */
function remembering<Result>(read: (node: ScalarNode) => Result): (node: ScalarNode) => Result {
  const known = new Map<ScalarNode, Result>()
  return (node) => {
    const result = known.get(node) ?? read(node)
    known.set(node, result)
    return result
  }
}

function readEvents(on: Node | undefined): Map<string, Node | undefined> {
  if (on?.kind === 'mapping') return new Map(on.entries.map(({ key, value }) => [key.text, value]))
  return new Map(scalarsOf(on).map(({ text }) => [text, undefined]))
}

function readJob(id: ScalarNode, node: MappingNode, inherited: Node | undefined): Job {
  const uses = scalarOf(get(node, 'uses'))
  const steps: Step[] = []
  const job: Job = { id, node, steps, uses: uses && readReference(uses), permissions: get(node, 'permissions') ?? inherited }
  steps.push(...readSteps(get(node, 'steps'), job))
  return job
}

function readSteps(list: Node | undefined, job?: Job): Step[] {
  if (list?.kind !== 'list') return []
  return list.items.flatMap((node) => {
    if (node.kind !== 'mapping') return []
    const uses = scalarOf(get(node, 'uses'))
    return [{ node, job, uses: uses && readReference(uses), run: scalarOf(get(node, 'run')), with: get(node, 'with') }]
  })
}
