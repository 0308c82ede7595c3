/**
 * `npm run pack`: a package that installs with `npm i -g --ignore-scripts FILE.tgz` and needs no checkout: main/ as
 * JavaScript, as Node reads no TypeScript below node_modules, the built page, and the exact dependencies of
 * package-lock.json. In dist/, its checksum beside it.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { buildPage, PAGE, ROOT } from '../main/start/build.ts'
import { writeChecksums } from './checksums.ts'

interface Manifest {
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
  readonly [key: string]: unknown
}

/** What Python's tools leave beside the programs of the exports. */
const LEFT_BY_TOOLS = /(^|[\\/])(\.\w+_cache|__pycache__)([\\/]|$)/

/** Folders of main/ that are of the desktop program alone. */
const DESKTOP = ['shell', 'index.js']

/** Makes the package in `into`. @returns the path of the .tgz */
export async function pack(into: string): Promise<string> {
  await buildPage()
  const stage = join(ROOT, 'out', `package-${process.pid}`)
  try {
    compile(join(stage, 'main'))
    cpSync(PAGE, join(stage, 'out', 'renderer'), { recursive: true })
    for (const file of ['README.md', 'README.zh-CN.md', 'LICENSE', 'CHANGELOG.md']) cpSync(join(ROOT, file), join(stage, file))
    const manifest = published(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest, importedBy(join(stage, 'main')))
    writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
    lock(stage)
    mkdirSync(into, { recursive: true })
    run('npm', ['pack', '--ignore-scripts', '--loglevel', 'error', '--pack-destination', into], stage)
    const path = join(into, `pylon-${manifest.version}.tgz`)
    writeChecksums(into, [`pylon-${manifest.version}.tgz`])
    return path
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

/** Types go, comments and lines stay, `./x.ts` becomes `./x.js`; what is no TypeScript is copied as it is. */
function compile(into: string): void {
  const source = join(ROOT, 'main')
  const options = ['--noEmit', 'false', '--allowImportingTsExtensions', 'false', '--rewriteRelativeImportExtensions', '--noCheck']
  run(process.execPath, [
    join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
    ...['--project', join(ROOT, 'packaging', 'tsconfig.json'), '--outDir', into, ...options],
  ])
  for (const path of readdirSync(source, { recursive: true, encoding: 'utf8' }))
    if (/\.(?!ts$)\w+$/.test(path) && !LEFT_BY_TOOLS.test(path)) cpSync(join(source, path), join(into, path))
  for (const path of DESKTOP) rmSync(join(into, path), { recursive: true })
  chmodSync(join(into, 'bin.js'), 0o755)
}

/** The packages that the JavaScript below a folder imports, by name. */
function importedBy(folder: string): Set<string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.js'))
  const specifiers = paths.flatMap((path) => ts.preProcessFile(readFileSync(join(folder, path), 'utf8')).importedFiles)
  const names = specifiers.map(({ fileName }) => /^(@[^/]+\/)?[^/]+/.exec(fileName)![0])
  return new Set(names.filter((name) => !name.startsWith('.') && !isBuiltin(name)))
}

/** package.json for who installs: what main/ imports, and the Node that comes along. The page's packages are in the page. */
function published(manifest: Manifest, imported: ReadonlySet<string>): Manifest {
  const missing = [...imported].filter((name) => !Object.hasOwn(manifest.dependencies, name))
  if (missing.length > 0) throw new Error(`main/ imports ${missing.join(', ')}, which package.json does not have among its dependencies.`)
  const { name, version, description, license, type, bin, dependencies, optionalDependencies } = manifest
  return {
    ...{ name, version, description, license, type, bin },
    dependencies: Object.fromEntries(Object.entries(dependencies).filter(([each]) => imported.has(each))),
    optionalDependencies: Object.fromEntries(Object.entries(optionalDependencies).filter(([each]) => each.startsWith('node-'))),
  }
}

/** The versions that the tests ran with, for every package below: package-lock.json without what is not needed. */
function lock(stage: string): void {
  cpSync(join(ROOT, 'package-lock.json'), join(stage, 'package-lock.json'))
  run(
    'npm',
    ['install', '--package-lock-only', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel', 'error'],
    stage,
  )
  renameSync(join(stage, 'package-lock.json'), join(stage, 'npm-shrinkwrap.json'))
}

function run(command: string, args: readonly string[], cwd = ROOT): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32' && command === 'npm',
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await pack(join(ROOT, 'dist')))
