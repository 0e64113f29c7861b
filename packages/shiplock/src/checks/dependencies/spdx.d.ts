declare module 'spdx-satisfies' {
  export default function satisfies(expression: string, approved: string[]): boolean
}

declare module 'spdx-expression-parse' {
  export interface Licence {
    readonly license: string
    readonly plus?: true
    readonly exception?: string
  }
  export interface Conjunction {
    readonly conjunction: 'and' | 'or'
    readonly left: Expression
    readonly right: Expression
  }
  export type Expression = Licence | Conjunction
  export default function parse(expression: string): Expression
}
