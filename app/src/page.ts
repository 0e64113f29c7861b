import type { FastifyReply } from 'fastify'
import { html, type Html } from './html.ts'
import type { StaticFiles } from './static-files.ts'

/** What a page adds to the frame that all pages share. */
export interface PageContent {
  /** For the tab and for screen readers, which read it first. */
  readonly title: string
  readonly main: Html
}

/** Renders a whole document. */
export type RenderDocument = (content: PageContent) => string

/** Sends a page, with the status that the reply has. */
export type SendPage = (reply: FastifyReply, content: PageContent) => FastifyReply

// shiplock-ignore sast/cross-site-scripting -- what is rendered comes out of the templates of html.ts, which escape every value
export const sendDocument = (reply: FastifyReply, document: string): FastifyReply => reply.type('text/html; charset=utf-8').send(document)

export const createSendPage = (render: RenderDocument): SendPage => (reply, content) => sendDocument(reply, render(content))

/** Makes the frame: a document whose only outside references are our own style sheet, script and icon. */
export function createDocument({ stylesheet, script, icon }: StaticFiles): RenderDocument {
  const head = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#f5f4f0" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#15191a" media="(prefers-color-scheme: dark)">
<meta name="description" content="A calm to-do list that belongs to this browser alone.">
<link rel="stylesheet" href="${stylesheet.path}">
<script type="module" src="${script.path}"></script>
<link rel="icon" type="image/svg+xml" href="${icon.path}">
`
  return ({ title, main }) =>
    html`${head}<title>${title}</title>
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`.markup
}
