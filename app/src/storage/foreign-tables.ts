/** How the index begins that every page is read from, by name; the statements count on its order. Further columns only make it quicker. */
export const pageIndex: readonly string[] = ['owner', 'complete', 'id']

/** Throws when the index that is called `tasks_by_owner` has other columns, so that pages would be read by sorting, or not at all. */
export function checkPageIndex(columns: readonly string[], whatToName: string): void {
  if (columns.slice(0, pageIndex.length).join() === pageIndex.join()) return
  throw new Error(
    `The index tasks_by_owner has the columns ${columns.join(', ') || 'of no table here'} and not ${pageIndex.join(', ')}; ` +
      `if another program made the table tasks, name ${whatToName} in DATABASE, else make the index anew`,
  )
}
