import type { SourceFile } from '../source-file.ts'

/** Offsets into the text, in UTF-16 code units; `end` is exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** HCL's structure (HCL Native Syntax Specification, "Structural Elements"), with the places that hcl2json forgets. */
export interface Body {
  readonly attributes: readonly Attribute[]
  readonly blocks: readonly Block[]
}

export interface Attribute extends Span {
  /** Where it is written, if that is another file: one of `*_override.tf` has put it here. */
  readonly source?: SourceFile
  readonly name: string
  readonly value: Expression
}

export interface Block extends Span {
  /** As that of an attribute. */
  readonly source?: SourceFile
  readonly type: string
  readonly labels: readonly string[]
  /** Type and labels: where a finding about the whole block is shown. */
  readonly header: Span
  readonly body: Body
}

export type Scalar = string | number | boolean | null

export type Expression = Span & { readonly isInParentheses?: true } & (
    | { readonly kind: 'literal'; readonly value: Scalar }
    /** Text and what is put into it; a part whose value only a directive (`%{ if }`) decides is undefined. */
    | { readonly kind: 'template'; readonly parts: readonly (string | Expression | undefined)[] }
    | { readonly kind: 'list'; readonly items: readonly Expression[] }
    | { readonly kind: 'object'; readonly entries: readonly ObjectEntry[] }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'member'; readonly of: Expression; readonly name: string }
    | { readonly kind: 'index'; readonly of: Expression; readonly key: Expression }
    | { readonly kind: 'splat'; readonly of: Expression }
    | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[]; readonly isExpanded: boolean }
    | { readonly kind: 'conditional'; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
    | { readonly kind: 'unary'; readonly operator: string; readonly of: Expression }
    | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
    | ForExpression
  )

export interface ForExpression {
  readonly kind: 'for'
  readonly names: readonly string[]
  readonly in: Expression
  /** Present where an object is made. */
  readonly key?: Expression
  readonly value: Expression
  readonly condition?: Expression
  readonly isGrouped: boolean
}

export interface ObjectEntry {
  readonly key: Expression
  readonly value: Expression
}

/** What the text is not: thrown inside the readers and turned into a value at their edge. */
export class SyntaxProblem extends Error {
  readonly at: number
  /** It may be valid, but is deeper or longer than anybody writes, and is not read on. */
  readonly isLimit: boolean

  constructor(message: string, at: number, isLimit = false) {
    super(message)
    this.at = at
    this.isLimit = isLimit
  }
}
