/**
 * Preloaded into a process (`node --import`): at its end it writes the packages whose modules it has loaded to
 * $LOADED_MODULES, one a line.
 */
import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const packages = new Set<string>()
registerHooks({
  load: (url, context, next) => {
    const name = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]
    if (name !== undefined) packages.add(name)
    return next(url, context)
  },
})
process.on('exit', () => writeFileSync(process.env['LOADED_MODULES']!, [...packages].sort().join('\n')))
