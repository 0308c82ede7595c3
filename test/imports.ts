/** Holds `import-table.ts`: what every file of the program imports is listed there, and nothing imports in a circle. */
import { resolve } from 'node:path'
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser'
import { MAY_IMPORT, OWNERS, WITHOUT_NODE } from '../import-table.ts'

const root = resolve(import.meta.dirname, '..')
const under = (paths: readonly string[]): string => `^(${paths.map((path) => path.replaceAll('.', '\\.')).join('|')})(/|$)`
/** Folders with a row of their own below this one, which the row of this one does not speak for. */
const below = (folder: string): string[] => Object.keys(MAY_IMPORT).filter((other) => other.startsWith(`${folder}/`))
const but = (paths: readonly string[]): { pathNot?: string } => (paths.length === 0 ? {} : { pathNot: under(paths) })

/** One rule a folder and one a folder it may import that has rows below it: `main/engine` does not mean all of its rooms. */
const folders = Object.entries(MAY_IMPORT).map(([folder, may]): IForbiddenRuleType => {
  const whole = [folder, ...may].filter((path) => below(path).length === 0)
  const shallow = [folder, ...may].filter((path) => below(path).length > 0)
  const allowed = [
    ...(whole.length === 0 ? [] : [under(whole)]),
    ...shallow.map(
      (path) =>
        `^${path}/(?!(${below(path)
          .map((other) => other.slice(path.length + 1).replaceAll('.', '\\.'))
          .join('|')})(/|$))`,
    ),
  ]
  return {
    name: `${folder} may import ${may.join(', ') || 'nothing'}`,
    severity: 'error',
    from: { path: under([folder]), ...but(below(folder)) },
    to: { path: '^(main|renderer|preload|packaging|test)/', pathNot: allowed },
  }
})
const libraries = Object.entries(OWNERS).map(([library, owners]): IForbiddenRuleType => ({
  name: `only ${owners.join(', ')} may import ${library}`,
  severity: 'error',
  from: { pathNot: under(owners) },
  to: { path: `^node_modules/${library}/` },
}))
const others: IForbiddenRuleType[] = [
  { name: 'no circles', severity: 'error', from: {}, to: { circular: true } },
  { name: 'every import is a file', severity: 'error', from: {}, to: { couldNotResolve: true } },
  {
    name: `no Node in ${WITHOUT_NODE.join(', ')}`,
    severity: 'error',
    from: { path: under(WITHOUT_NODE) },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'every library has its owners in import-table.ts',
    severity: 'error',
    from: {},
    to: { path: '^node_modules/', pathNot: Object.keys(OWNERS).map((library) => `^node_modules/${library}/`) },
  },
]

const { output } = await cruise(
  ['main', 'renderer', 'preload', 'packaging'],
  {
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: [...folders, ...libraries, ...others] },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.vue', '.js', '.d.ts'],
    },
  },
  { alias: { '@contract': resolve(root, 'main/contract'), '@': resolve(root, 'renderer') } },
)
const { violations, totalCruised } = (output as ICruiseResult).summary
for (const { rule, from, to, cycle } of violations)
  console.error(`${from} imports ${cycle === undefined ? to : cycle.map(({ name }) => name).join(' → ')}: ${rule.name}`)
if (totalCruised < 100) throw new Error(`Only ${totalCruised} files were looked at.`)
process.exit(violations.length === 0 ? 0 : 1)
