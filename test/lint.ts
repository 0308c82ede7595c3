/** The strict rules with types, over all TypeScript and the scripts of the page's components; templates are ESLint's. */
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { writeComponentScripts } from './component-scripts.ts'

const root = resolve(import.meta.dirname, '..')
const oxlint = join(root, 'node_modules/oxlint/bin/oxlint')
const SCRIPTS = join('node_modules', '.cache', 'component-scripts')
const { stdout, stderr, status } = spawnSync(
  process.execPath,
  [oxlint, '--deny-warnings', '.', ...writeComponentScripts(join(root, SCRIPTS))],
  {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: Infinity,
  },
)
process.stdout.write((stdout + stderr).replaceAll(join(SCRIPTS, '/'), '').replaceAll('.vue.ts', '.vue'))
process.exitCode = status ?? 1
