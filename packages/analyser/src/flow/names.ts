import { edgeKinds } from '../model/file-model.ts'
import { libraries } from '../models/libraries.ts'
import type { Shape } from '../models/shape.ts'
import type { Program } from './program.ts'

/** What fields and parameters are of which nothing is known but the name: `textContent`, `$list`, `jQuery`. */
export function seedByName({ fields, forward, functions }: Program, give: (node: number, shape: Shape | string) => void): void {
  const known = libraries.types.get('fields')?.members ?? {}
  const telling = fields.map((name) => (Object.hasOwn(known, name) ? known[name] : isCollectionName(name) ? 'jquery' : undefined))
  for (let at = 0; at < forward.targets.length; at += 3) {
    const model = forward.targets[at + 1] === edgeKinds.load ? telling[forward.targets[at + 2]!] : undefined
    if (model) give(forward.targets[at]!, model)
  }
  for (const { params, paramNames } of functions)
    for (const [index, name] of paramNames.entries()) {
      if (name === '$' || name === 'jQuery') give(params[index]!, 'jquery.factory')
      else if (isCollectionName(name)) give(params[index]!, 'jquery')
    }
}

/** `this.$list`: so jQuery's users name what it gives them. Not what Vue and AngularJS name so. */
const isCollectionName = (name: string) => /^\$[a-z]\w+$/i.test(name) && !notCollections.has(name.slice(1))
const notCollections = new Set('attrs axios apollo children compile controller cookies data document emit event filter forceUpdate http i18n injector interpolate listeners location log mount nextTick off on once options parent parse provide props q refs resource root rootScope route routeParams router sce scope scopedSlots set slots state stateParams store swal t tc timeout interval toast translate watch window'.split(' '))

/** `window.onmessage = function (event) { … }`: the parameters of handlers that are assigned. */
export function giveToHandlers({ files, bases, functions }: Program, functionsAt: (node: number) => readonly number[], shapesAt: (node: number) => readonly Shape[], give: (node: number, shape: Shape | string) => void): void {
  const unknown = libraries.types.get('handlers')
  for (const [index, { stores }] of files.entries())
    for (const { base, field, value } of stores) {
      const shapes = shapesAt(base + bases[index]!)
      // `$.fn.plugin = function () { … }`: its `this` is a collection.
      if (shapes.some(({ api }) => api === 'jquery.fn')) for (const fn of functionsAt(value + bases[index]!)) if (functions[fn]!.self >= 0) give(functions[fn]!.self, 'jquery')
      if (!/^on[a-z]/.test(field)) continue
      const params = (shapes.length === 0 ? [unknown] : shapes).flatMap((shape) => handlerOf(shape, field) ?? [])
      if (params.length === 0) continue
      for (const fn of functionsAt(value + bases[index]!))
        for (const [at, given] of params.entries()) {
          const param = functions[fn]!.params[at]
          if (given !== undefined && param !== undefined) give(param, given)
        }
    }
}

function handlerOf(shape: Shape | undefined, field: string): Shape['handler'] {
  const member = shape?.members && Object.hasOwn(shape.members, field) ? shape.members[field] : undefined
  return typeof member === 'string' ? libraries.types.get(member)?.handler : member?.handler
}
