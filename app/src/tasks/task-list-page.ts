import { escapeHtml, html, Html } from '../html.ts'
import type { PageContent } from '../page.ts'
import { csrfField } from '../security/csrf.ts'
import { pathOf, viewFields, withoutEdit, type ListView } from './list-view.ts'
import type { Show, TaskPage } from './task-store.ts'
import type { Task } from './task.ts'

/** A title that could not be kept. */
export interface RefusedTitle {
  /** As it was typed, to be shown again. */
  readonly typed: string
  readonly problem: string
  /** The task that was to have it; absent where one was to be added. */
  readonly id?: number
}

/** What the page of one list shows. */
export interface TaskListContent {
  readonly view: ListView
  readonly page: TaskPage
  /** A CSRF token for the forms. */
  readonly token: string
  readonly refused?: RefusedTitle
}

const tokenField = (token: string): Html => html`<input type="hidden" name="${csrfField}" value="${token}">\n`

const invalid = (problemId: string): Html => html` aria-invalid="true" aria-describedby="${problemId}" autofocus`

const addForm = (view: ListView, token: string, refused: RefusedTitle | undefined): Html => html`<form class="add" action="/tasks" method="post">
${tokenField(token)}${viewFields(view)}<label for="title">What needs doing?</label>
<div class="field">
<input id="title" name="title" type="text" dir="auto" required autocomplete="off" enterkeyhint="done" value="${refused?.typed ?? ''}"${
  refused && invalid('title-problem')
}>
<button type="submit">Add</button>
</div>
${refused && html`<p class="problem" id="title-problem">${refused.problem}</p>\n`}</form>`

const filterNames = { all: 'All', active: 'Active', done: 'Done' } satisfies Record<Show, string>

const filter = (current: Show): Html => html`<nav class="filter" aria-label="Filter">
${Object.entries(filterNames).map(
  ([show, name]) => html`<a href="${pathOf({ show: show as Show })}"${show === current && html` aria-current="page"`}>${name}</a>\n`,
)}</nav>\n`

// There are three of them.
const filters: Readonly<Record<Show, Html>> = { all: filter('all'), active: filter('active'), done: filter('done') }

/** The form that the row under `edit` belongs to: a form within the form of the list is not possible. */
const editForm = (view: ListView, id: number, token: string): Html => html`<form id="edit-form" action="/tasks/${id}/edit" method="post">
${tokenField(token)}${viewFields(withoutEdit(view))}</form>\n`

const editRow = ({ id, title }: Task, view: ListView, refused: RefusedTitle | undefined): Html => html`<li class="editing">
<div class="field">
<input id="edit" form="edit-form" name="title" type="text" dir="auto" required autocomplete="off" enterkeyhint="done" aria-label="Title" value="${
  refused?.typed ?? title
}"${refused && invalid('edit-problem')}>
<button type="submit" form="edit-form">Save</button>
<a class="cancel" href="${pathOf(withoutEdit(view))}#e${id}">Cancel</a>
</div>
${refused && html`<p class="problem" id="edit-problem">${refused.problem}</p>\n`}</li>
`

/**
 * Writes rows. The buttons say by `formaction` what they do, so that one form, and one token, serves the whole list.
 * They are most of a page, and joined by hand here: by templates the whole page would take twice as long. A title, the only
 * text from outside, is escaped once; the rest is numbers and words of ours.
 */
const rowWriter = ({ view, refused }: TaskListContent): ((tasks: readonly Task[]) => Html) => {
  const base = pathOf(withoutEdit(view))
  const editPath = escapeHtml(`${base}${base === '/' ? '?' : '&'}edit=`)
  const row = (task: Task): string => {
    const { id } = task
    if (id === view.edit) return editRow(task, view, refused?.id === id ? refused : undefined).markup
    const title = escapeHtml(task.title)
    const toggle = task.isComplete ? `reopen" aria-label="Reopen: ${title}` : `complete" aria-label="Complete: ${title}`
    return `<li>
<button class="toggle" formaction="/tasks/${id}/${toggle}"></button>
<span dir="auto">${title}</span>
<a class="edit" id="e${id}" href="${editPath}${id}#edit" aria-label="Edit: ${title}"></a>
<button class="delete" formaction="/tasks/${id}/delete" aria-label="Delete: ${title}"></button>
</li>
`
  }
  return (tasks) => {
    let markup = '<ul>\n'
    for (const task of tasks) markup += row(task)
    return new Html(`${markup}</ul>`)
  }
}

const summary = (view: ListView, { tasks, hasNext }: TaskPage): string => {
  if (view.after || view.before) return { all: 'Older tasks', active: 'Older tasks to do', done: 'Older tasks done' }[view.show]
  const shown = tasks.filter(({ isComplete }) => isComplete === (view.show === 'done')).length
  // Beyond the page nothing is counted: that would take the longer, the longer the list is.
  const count = hasNext && shown === tasks.length ? `${shown} or more` : shown
  if (view.show === 'done') return shown > 0 ? `${count} done` : 'Nothing done'
  if (shown > 0) return `${count} to do`
  return tasks.length > 0 ? 'All done' : 'Nothing to do'
}

const isFirst = ({ after, before }: ListView): boolean => !after && !before

const sections = (content: TaskListContent): Html => {
  const { view, page } = content
  const rows = rowWriter(content)
  const active = page.tasks.filter(({ isComplete }) => !isComplete)
  const done = page.tasks.filter(({ isComplete }) => isComplete)
  const isActiveShown = active.length > 0 || (view.show !== 'done' && isFirst(view))
  const isDoneShown = done.length > 0 || view.show === 'done'
  // Both places are there to go on at, whatever is shown: a fragment that is not found would lead to the top of the page.
  return html`${
    isActiveShown
      ? html`<section class="active" aria-labelledby="active">
<h2 id="active" tabindex="-1">To do</h2>
${active.length > 0 ? rows(active) : nothingToDo(view.show, done.length > 0)}
</section>
`
      : html`<span id="active"></span>\n`
  }${
    isDoneShown
      ? html`<section class="done" aria-labelledby="done">
<div class="head"><h2 id="done" tabindex="-1">Done</h2>${
          done.length > 0 && html`<button class="clear" formaction="/tasks/clear-completed">Clear completed</button>`
        }</div>
${done.length > 0 ? rows(done) : nothingDone}
</section>
`
      : html`<span id="done"></span>\n`
  }`
}

const nothingToDo = (show: Show, isAnyDone: boolean): Html => {
  if (show === 'active') return html`<p class="empty"><strong>Nothing left to do.</strong> Enjoy the quiet, or add what comes next.</p>`
  return isAnyDone
    ? html`<p class="empty"><strong>Everything is done.</strong> Enjoy the quiet, or add what comes next.</p>`
    : html`<p class="empty"><strong>A clear day.</strong> Add the first thing you want to get done.</p>`
}

const nothingDone = html`<p class="empty"><strong>Nothing done yet.</strong> What you complete gathers here.</p>`

/** Links to the pages on both sides, named by the tasks at the edges of this one. */
const pages = ({ show }: ListView, { tasks, hasPrevious, hasNext }: TaskPage): Html | false => {
  const [first, last] = [tasks[0], tasks.at(-1)]
  if (!first || !last || !(hasPrevious || hasNext)) return false
  const link = (name: string, rel: 'prev' | 'next', { isComplete, id }: Task): Html => {
    const place = { isComplete, id }
    const view: ListView = rel === 'prev' ? { show, before: place } : { show, after: place }
    return html`<a rel="${rel}" href="${pathOf(view)}#tasks">${name}</a>\n`
  }
  return html`<nav class="pages" aria-label="Pages">
${hasPrevious && link('Newer', 'prev', first)}${hasNext && link('Older', 'next', last)}</nav>
`
}

/** What the buttons of all rows belong to. Without a row there is nothing to send, and a form would only lead nowhere. */
const listForm = (content: TaskListContent): Html => {
  const { view, page, token } = content
  if (page.tasks.length === 0) return html`<div id="tasks">\n${sections(content)}</div>`
  return html`<form id="tasks" method="post" aria-label="Tasks">
${tokenField(token)}${viewFields(view)}${sections(content)}</form>`
}

/** The page of one list: the form, the filter, what is to do, what is done, the way to the rest. */
export function taskListPage(content: TaskListContent): PageContent {
  const { view, page, token, refused } = content
  const edited = page.tasks.find(({ id }) => id === view.edit)
  return {
    title: `${refused ? 'Problem: ' : ''}${edited && !refused ? 'Edit: ' : ''}To-do list`,
    main: html`<header>
<h1>To-do list</h1>
<p>${summary(view, page)}</p>
</header>
${addForm(view, token, refused?.id === undefined ? refused : undefined)}
${filters[view.show]}${edited && editForm(view, edited.id, token)}${listForm(content)}
${pages(view, page)}<footer>
<p>This list belongs to this browser. Nobody else sees it.</p>
</footer>`,
  }
}
