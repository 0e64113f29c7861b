import { html, type Html } from '../html.ts'
import type { PageContent } from '../page.ts'
import { csrfField } from '../security/csrf.ts'
import type { TaskList, TaskPage } from './task-store.ts'
import type { Task } from './task.ts'

/** The form's state after a title that could not be kept. */
export interface RefusedTitle {
  /** As it was typed, to be shown again. */
  readonly typed: string
  readonly problem: string
}

/** What the page of one list shows. */
export interface TaskListView {
  readonly list: TaskList
  /** A CSRF token for the forms. */
  readonly token: string
  readonly refused?: RefusedTitle
}

const tokenField = (token: string): Html => html`<input type="hidden" name="${csrfField}" value="${token}">`

const addForm = (token: string, refused: RefusedTitle | undefined): Html => html`<form class="add" action="/tasks" method="post">
${tokenField(token)}
<label for="title">What needs doing?</label>
<div class="field">
<input id="title" name="title" type="text" dir="auto" required autocomplete="off" enterkeyhint="done"${
  refused ? html` value="${refused.typed}" aria-invalid="true" aria-describedby="title-problem" autofocus` : html` value=""`
}>
<button type="submit">Add</button>
</div>
${refused && html`<p class="problem" id="title-problem">${refused.problem}</p>\n`}</form>`

// The buttons say by `formaction` what they do, so that one form, and one token, serves the whole list.
const item = (task: Task): Html => {
  const { id, isComplete } = task
  const title = html`${task.title}`
  const [verb, action] = isComplete ? ['Reopen', 'reopen'] : ['Complete', 'complete']
  return html`<li>
<button class="toggle" formaction="/tasks/${id}/${action}" aria-label="${verb}: ${title}"></button>
<span dir="auto">${title}</span>
<button class="delete" formaction="/tasks/${id}/delete" aria-label="Delete: ${title}"></button>
</li>
`
}

const rows = (page: TaskPage, token: string, more: Html): Html => html`<form method="post">
${tokenField(token)}
<ul>
${page.tasks.map(item)}</ul>
</form>${page.hasMore && html`\n<p class="more">${more}</p>`}`

const summary = ({ active, completed }: TaskList): string => {
  const count = active.tasks.length
  if (active.hasMore) return `More than ${count} to do`
  if (count > 0) return `${count} to do`
  return completed.tasks.length > 0 ? 'All done' : 'Nothing to do'
}

const activeSection = (active: TaskPage, isAnyCompleted: boolean, token: string): Html => {
  if (active.tasks.length > 0) {
    return rows(active, token, html`These are the newest ${active.tasks.length}. The others show up as you complete some.`)
  }
  return isAnyCompleted
    ? html`<p class="empty"><strong>Everything is done.</strong> Enjoy the quiet, or add what comes next.</p>`
    : html`<p class="empty"><strong>A clear day.</strong> Add the first thing you want to get done.</p>`
}

/** The page of one list: the form, what is to do, what is done. */
export function taskListPage({ list, token, refused }: TaskListView): PageContent {
  const { active, completed } = list
  const isAnyCompleted = completed.tasks.length > 0
  return {
    title: refused ? 'Problem: To-do list' : 'To-do list',
    main: html`<header>
<h1>To-do list</h1>
<p>${summary(list)}</p>
</header>
${addForm(token, refused)}
<section class="active" aria-labelledby="active">
<h2 id="active" tabindex="-1">To do</h2>
${activeSection(active, isAnyCompleted, token)}
</section>
${
  isAnyCompleted &&
  html`<section class="completed" aria-labelledby="completed">
<h2 id="completed" tabindex="-1">Done</h2>
${rows(completed, token, html`These are the newest ${completed.tasks.length}.`)}
</section>
`
}<footer>
<p>This list belongs to this browser. Nobody else sees it.</p>
</footer>`,
  }
}
