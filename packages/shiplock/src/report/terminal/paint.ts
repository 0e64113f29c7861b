import { styleText } from 'node:util'

export type Style = Parameters<typeof styleText>[0]
export type Paint = (style: Style, text: string) => string

/** How to colour text. Whether is the caller's decision: neither the environment nor a stream is looked at. */
export function painter(colour: boolean): Paint {
  return colour ? (style, text) => (text === '' ? '' : styleText(style, text, { validateStream: false })) : (_style, text) => text
}
