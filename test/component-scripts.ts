/**
 * The scripts of the page's components as TypeScript files that the linter reads with their types: it reads no components itself, and
 * ESLint, which does, takes minutes for what it takes seconds for. Each lies at its component's path below a folder, with `.ts`
 * behind it, line for line: what is no script is blank. Imports of neighbours are found by `rootDirs`.
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..').replaceAll('\\', '/')
const OPENING = /<script setup lang="ts"(?: generic="(?<generic>[^"]*)")?>/
/** What an import of the component gives; last, so that no line moves. */
const COMPONENT = "\ndeclare const component: import('vue').DefineComponent\nexport default component\n"

/** Writes the scripts anew. @returns their paths @throws Error for a component without a script of the one form there is */
export function writeComponentScripts(folder: string): string[] {
  rmSync(folder, { recursive: true, force: true })
  const files = globSync('renderer/**/*.vue', { cwd: root }).map((component) => {
    const path = join(folder, `${component}.ts`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, scriptOf(component, readFileSync(join(root, component), 'utf8')))
    return path
  })
  const config = {
    extends: `${root}/renderer/tsconfig.json`,
    compilerOptions: {
      rootDirs: ['renderer', `${root}/renderer`],
      paths: { '@contract/*': [`${root}/main/contract/*`], '@/*': [`${root}/renderer/*`] },
    },
    include: [`${root}/renderer/env.d.ts`],
    files,
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  return files
}

/** A generic component's script is the body of a generic function: a type parameter stands nowhere else. */
function scriptOf(component: string, text: string): string {
  const opening = OPENING.exec(text)
  if (opening === null) throw new Error(`${component} has no <script setup lang="ts">: see test/component-scripts.ts.`)
  const from = opening.index + opening[0].length
  const script = text.slice(0, from).replace(/[^\n]/g, '') + text.slice(from, text.indexOf('</script>', from))
  const generic = opening.groups?.['generic']
  if (generic === undefined) return script + COMPONENT
  const imported = [...script.matchAll(/^import [^']*'[^']*'$/gm)].at(-1)!
  const body = imported.index + imported[0].length
  return `${script.slice(0, body)}; export function setup<${generic}>() {${script.slice(body)}}${COMPONENT}`
}
