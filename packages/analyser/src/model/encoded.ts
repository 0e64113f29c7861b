import type { FileModel, FileProblem } from './file-model.ts'

/** What is asked of every file of a program, before it is known which of them have to do with one another. */
export interface FileHead {
  readonly path: string
  readonly imports: readonly { readonly specifier: string; readonly isType?: boolean }[]
  readonly problems: readonly FileProblem[]
  /** Whether anything of it was read. */
  readonly isRead: boolean
}

/** A model as text: its head in the first line, so that it can be read alone. */
export function encodeModel(model: FileModel): string {
  return `${JSON.stringify(headOf(model))}\n${JSON.stringify(model)}`
}

export function headOf({ path, imports, problems, functions }: FileModel): FileHead {
  return { path, imports: imports.map(({ specifier, isType }) => ({ specifier, ...(isType && { isType }) })), problems, isRead: functions.length > 0 }
}

export const encodedHead = (encoded: string): string => encoded.slice(0, encoded.indexOf('\n'))
export const decodeHead = (head: string): FileHead => JSON.parse(head) as FileHead
export const decodeModel = (encoded: string): FileModel => JSON.parse(encoded.slice(encoded.indexOf('\n') + 1)) as FileModel
