/**
 * `npm run setup:tfjs-node`: gets the native binding of `@tensorflow/tfjs-node` and libtensorflow under it, in this order, and says what it
 * did: what is there already; the package's own download (which has answered 403 since August 2026); the TensorFlow wheel of PyPI, whose
 * `libtensorflow_cc` has the same C API and whose headers come with it. The binding is then compiled against it by the C++ compiler with
 * the Node headers that npm's own Node brings: node-gyp would fetch them from the network. All large files lie in the user's cache.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pythonEnvironment } from '../../main/engine/export/python.ts'

const WHEEL = 'tensorflow-cpu==2.21.0'
const require = createRequire(import.meta.url)
const root = join(import.meta.dirname, '../..')
const package_ = join(root, 'node_modules/@tensorflow/tfjs-node')
const binding = join(package_, 'lib/napi-v8/tfjs_binding.node')
const cache = join(dirname(pythonEnvironment()), 'tensorflow')

function run(command: string, args: readonly string[], options: { cwd?: string; timeout?: number } = {}): boolean {
  console.log(`$ ${[command, ...args].join(' ')}`.slice(0, 300))
  return spawnSync(command, args, { stdio: 'inherit', ...options }).status === 0
}

/** In a process of its own: a binding that does not fit may end it. */
const works = (): boolean =>
  spawnSync(
    process.execPath,
    ['-e', `import(${JSON.stringify(join(root, 'main/engine/compute/probe.ts'))}).then((p) => p.probeTensorflow()).then(console.log)`],
    {
      stdio: ['ignore', 'inherit', 'ignore'],
    },
  ).status === 0

function main(): number {
  if (!existsSync(package_)) {
    console.log('@tensorflow/tfjs-node is not installed: npm ci installs it where it can.')
    return 1
  }
  if (works()) {
    console.log('It is there already and works.')
    return 0
  }
  console.log("The package's own download:")
  if (run(process.execPath, ['scripts/install.js', 'download'], { cwd: package_, timeout: 120_000 }) && works()) return 0
  if (process.platform !== 'linux') {
    console.log('Building against the TensorFlow wheel is written for Linux alone.')
    return 1
  }
  console.log('It gave nothing: the TensorFlow wheel of PyPI.')
  const tensorflow = wheel()
  if (tensorflow === null || !build(tensorflow)) return 1
  if (works()) return 0
  console.log('The binding was built, but does not load: see `npm run -s pylon -- doctor`.')
  return 1
}

/** The folder `tensorflow` of a wheel: that of the Python environment, else one fetched into the cache. */
function wheel(): string | null {
  const site = join(pythonEnvironment(), 'lib')
  const inEnvironment = existsSync(site) ? readdirSync(site).map((python) => join(site, python, 'site-packages/tensorflow')) : []
  const found = [...inEnvironment, join(cache, 'tensorflow')].find((folder) => existsSync(join(folder, 'libtensorflow_cc.so.2')))
  if (found !== undefined) return found
  mkdirSync(cache, { recursive: true })
  const target = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--target', cache, WHEEL]
  return run('python3', target) ? join(cache, 'tensorflow') : null
}

function build(tensorflow: string): boolean {
  const headers = nodeHeaders()
  if (headers === null) {
    console.log('There are no headers of Node (node_api.h): npm ci brings them with its Node, a package manager with its own.')
    return false
  }
  const kept = join(cache, 'tfjs_binding.node')
  mkdirSync(cache, { recursive: true })
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(package_, 'binding', file))
  const libraries = ['-L', tensorflow, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', `-Wl,-rpath,${tensorflow}`]
  const flags = ['-std=c++17', '-shared', '-fPIC', '-O2', '-w', '-DNAPI_VERSION=8', '-I', join(tensorflow, 'include'), '-I', headers]
  if (!run('g++', [...flags, ...sources, '-o', kept, ...libraries])) return false
  mkdirSync(dirname(binding), { recursive: true })
  copyFileSync(kept, binding)
  console.log(`Built ${binding}, against ${tensorflow}.`)
  return true
}

function nodeHeaders(): string | null {
  const own = ['linux-x64', 'linux-arm64'].flatMap((name) => {
    try {
      return [join(dirname(require.resolve(`node-${name}/package.json`)), 'include/node')]
    } catch {
      return []
    }
  })
  return (
    [...own, join(dirname(process.execPath), '../include/node'), '/usr/include/node'].find((folder) =>
      existsSync(join(folder, 'node_api.h')),
    ) ?? null
  )
}

process.exit(main())
