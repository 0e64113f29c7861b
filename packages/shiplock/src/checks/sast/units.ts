import { analyseModels, decodeModel, judge, withoutSecrets, type Bound, type FileHead, type FileModel, type Judgement, type Modules } from '@shiplock/analyser'
import { modelFiles } from '@shiplock/analyser/node'
import type { FindingDraft } from '@shiplock/findings'
import type { CheckContext } from '../check.ts'
import type { SastOptions } from './index.ts'

/** Changes when the same text is modelled otherwise by the same version of Shiplock: never but while it is worked on. */
export const revision = 'file models 8'

export interface Units {
  readonly context: CheckContext<SastOptions>
  readonly heads: readonly FileHead[]
  readonly modules: Modules
  readonly isPublished: (path: string) => boolean
  /** Models that were made just now, encoded: they need not be read again. What was judged is taken out. */
  readonly made: Map<string, string>
}

/** What was found in one unit of the program, as it is remembered. */
interface JudgedUnit extends Judgement {
  /** What was not followed to its end, and at how many places. */
  readonly bounds: readonly (readonly [Bound, number])[]
}

/** Judges the units of a program one after the other, so that only the models of one are in memory; one that is as it was is not looked at again. */
export async function judgeUnits(units: Units): Promise<{ readonly findings: readonly FindingDraft[]; readonly bounds: ReadonlyMap<Bound, number> }> {
  const { context, heads, modules, isPublished } = units
  const importsOf = new Map(heads.map(({ path, imports }) => [path, imports]))
  const judged: JudgedUnit[] = []
  for (const unit of modules.units) {
    // What a unit's findings come from, but for the contents of its files: what their imports mean, who loads them, who may call them.
    const place = unit.map((path) => [modules.entries.has(path), isPublished(path), ...importsOf.get(path)!.map(({ specifier }) => modules.resolve(specifier, path) ?? null)])
    judged.push(JSON.parse(await context.rememberTogether(unit, JSON.stringify([revision, place]), async () => JSON.stringify(await judgeUnit(units, unit)))) as JudgedUnit)
  }
  const secrets = judged.length > 1 ? [...new Set(judged.flatMap((one) => one.secrets))] : []
  const bounds = new Map<Bound, number>(modules.parted > 0 ? [['units', modules.parted]] : [])
  for (const [bound, count] of judged.flatMap((one) => one.bounds).toSorted(([a], [b]) => (a < b ? -1 : 1))) bounds.set(bound, (bounds.get(bound) ?? 0) + count)
  return { findings: withoutSecrets(judged.flatMap((one) => one.findings), secrets), bounds }
}

async function judgeUnit({ context, modules, isPublished, made }: Units, unit: readonly string[]): Promise<JudgedUnit> {
  const { files, signal, remember } = context
  const make = async function* (paths: readonly string[]) {
    const missing = paths.filter((path) => !made.has(path))
    if (missing.length > 0) for await (const [path, model] of modelFiles(missing, { read: files.text, size: files.size, signal })) made.set(path, model)
    for (const path of paths) yield [path, made.get(path)!] as const
  }
  const models: FileModel[] = []
  for await (const [path, model] of remember(unit, `models of the unit of ${unit[0]}, ${revision}`, make)) {
    models.push(decodeModel(model))
    made.delete(path)
  }
  const texts = new Map<string, string>()
  for (const path of unit) texts.set(path, await files.text(path))
  signal.throwIfAborted()
  const analysis = analyseModels(models, modules, { isPublished })
  return { ...judge(analysis, texts), bounds: [...analysis.bounds] }
}
