import { Document, isMap, isScalar, Scalar, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'
import { isCalled, isRun, type CalledWorkflow, type CompositeAction, type Job, type Permissions, type Step, type Workflow } from './workflow.ts'

const head = ' Written by `shiplock ci generate` from shiplock.config.ts: a change by hand is told by `shiplock ci check`.'

/** A workflow as the file that GitHub reads: the same data gives the same bytes. */
export function renderWorkflow(workflow: Workflow): string {
  const document = new Document({ name: workflow.name, on: workflow.on })
  const root = document.contents as unknown as YAMLMap
  put(document, root, 'permissions', {}, 'Each job names what it needs; what it does not name it does not have.')
  if (workflow.concurrency) put(document, root, 'concurrency', workflow.concurrency)
  const jobs = document.createNode({}) as YAMLMap
  for (const [id, job] of Object.entries(workflow.jobs)) putNode(document, jobs, id, isCalled(job) ? calledNode(document, job) : jobNode(document, job), job.why)
  putNode(document, root, 'jobs', jobs)
  spaceOut(root, ['on', 'permissions', 'concurrency', 'jobs'])
  spaceOut(jobs, Object.keys(workflow.jobs).slice(1))
  document.commentBefore = `${head}\n${comment(workflow.why)}`
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

export function renderAction({ why, name, description, inputs, steps }: CompositeAction): string {
  const document = new Document({ name, description, ...(inputs && { inputs }) })
  const runs = document.createNode({ using: 'composite' }) as YAMLMap
  putNode(document, runs, 'steps', stepsNode(document, steps, { isComposite: true }))
  putNode(document, document.contents as unknown as YAMLMap, 'runs', runs)
  document.commentBefore = `${head}\n${comment(why)}`
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

/** Any other file of the same kind, such as Dependabot's. */
export function renderYaml(value: object, why: string): string {
  const document = new Document(value)
  document.commentBefore = `${head}\n${comment(why)}`
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

function jobNode(document: Document, { name, needs, permissions, environment, concurrency, strategy, outputs, env, steps, ...job }: Job): YAMLMap {
  const node = document.createNode({ name }) as YAMLMap
  if (needs) put(document, node, 'needs', flow(document, needs))
  if (job.if !== undefined) put(document, node, 'if', job.if)
  put(document, node, 'runs-on', job['runs-on'])
  put(document, node, 'timeout-minutes', job['timeout-minutes'])
  putNode(document, node, 'permissions', permissionsNode(document, permissions))
  for (const [key, value] of Object.entries({ environment, concurrency, strategy, outputs, env })) if (value) put(document, node, key, value)
  putNode(document, node, 'steps', stepsNode(document, steps))
  return node
}

function calledNode(document: Document, { name, needs, permissions, calls, ...job }: CalledWorkflow): YAMLMap {
  const node = document.createNode({ name }) as YAMLMap
  if (needs) put(document, node, 'needs', flow(document, needs))
  if (job.if !== undefined) put(document, node, 'if', job.if)
  putNode(document, node, 'permissions', permissionsNode(document, permissions))
  put(document, node, 'uses', calls)
  return node
}

function permissionsNode(document: Document, permissions: Permissions): YAMLMap {
  const node = document.createNode({}) as YAMLMap
  for (const [name, [level, why]] of Object.entries(permissions)) {
    const value = new Scalar(level)
    value.comment = comment(why)
    node.add(document.createPair(name, value))
  }
  return node
}

function stepsNode(document: Document, steps: readonly Step[], { isComposite = false } = {}): Node {
  const list = document.createNode([]) as YAMLSeq<Node>
  for (const step of steps) {
    const node = document.createNode({ name: step.name }) as YAMLMap
    if (step.id !== undefined) put(document, node, 'id', step.id)
    if (step.if !== undefined) put(document, node, 'if', step.if)
    if (isRun(step)) {
      const text = new Scalar(step.run)
      if (step.run.includes('\n')) text.type = Scalar.BLOCK_LITERAL
      put(document, node, 'run', text)
      if (isComposite) put(document, node, 'shell', 'bash')
    } else {
      const { uses } = step
      const name = new Scalar('folder' in uses ? uses.folder : `${uses.action}@${uses.commit}`)
      if (!('folder' in uses)) name.comment = ` ${uses.version}`
      put(document, node, 'uses', name)
      if (step.with) put(document, node, 'with', step.with)
    }
    if (step.env) put(document, node, 'env', step.env)
    if (step.why !== undefined) node.commentBefore = comment(step.why)
    list.items.push(node)
  }
  return list
}

function put(document: Document, map: YAMLMap, key: string, value: unknown, why?: string): void {
  putNode(document, map, key, isScalar(value) ? value : (document.createNode(value) as Node), why)
}

function putNode(document: Document, map: YAMLMap, key: string, value: Node, why?: string): void {
  const pair = document.createPair(key, value) as Pair<Scalar, Node>
  if (isMap(value) && value.items.length === 0) value.flow = true
  if (why !== undefined) pair.key.commentBefore = comment(why)
  map.add(pair)
}

function flow(document: Document, list: readonly string[]): Node {
  const node = document.createNode(list)
  if ('flow' in node) node.flow = true
  return node
}

/** An empty line before each of these keys. */
function spaceOut(map: YAMLMap, keys: readonly string[]): void {
  for (const { key } of map.items) if (isScalar(key) && keys.includes(String(key.value))) key.spaceBefore = true
}

const longestLine = 120

/** Lines that fit, each with the blank that the library leaves to whoever writes the comment. */
function comment(text: string): string {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length + 1 > longestLine) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.map((line) => ` ${line}`).join('\n')
}
