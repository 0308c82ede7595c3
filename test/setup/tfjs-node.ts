/**
 * The native binding of `@tensorflow/tfjs-node`. On Linux it is compiled against the TensorFlow wheel of PyPI, whose `libtensorflow_cc`
 * has the same C API and whose headers come with it, with the Node headers that npm's own Node brings: node-gyp would fetch them from
 * the network. Elsewhere by the package's own download, which has answered 403 since August 2026. All large files lie in the user's cache.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { findPython, pythonEnvironment } from '../../main/engine/export/python.ts'
import { ROOT } from '../../main/start/build.ts'
import { hasCompiler } from './python.ts'
import { ask, step } from './system.ts'
import type { Tool } from './tool.ts'

const WHEEL = 'tensorflow-cpu==2.21.0'
const LIBRARY = 'libtensorflow_cc.so.2'
const require = createRequire(import.meta.url)
const package_ = join(ROOT, 'node_modules/@tensorflow/tfjs-node')
const binding = join(package_, 'lib/napi-v8/tfjs_binding.node')
/** Beside the binding: under which Node and on which library it was seen to work. */
const stamp = `${binding}.works`
const cache = join(dirname(pythonEnvironment()), 'tensorflow')
const built = join(cache, 'tfjs_binding.node')

export const tfjsNode: Tool = {
  name: 'tfjs-node',
  waiting: 'test/interop/tensorflow.test.ts: training on libtensorflow',
  projects: ['interop'],
  async debian() {
    return process.platform === 'linux' && !isBuilt(findTensorflow()) && !(await hasCompiler()) ? ['g++'] : []
  },
  async ready() {
    if (!existsSync(binding)) return false
    return (existsSync(stamp) && readFileSync(stamp, 'utf8') === identity(findTensorflow())) || works()
  },
  async install() {
    if (!existsSync(package_)) console.log('  @tensorflow/tfjs-node is not installed: npm ci installs it where it can.')
    else if (process.platform === 'linux') await build()
    else await step("tfjs-node's own download", process.execPath, ['scripts/install.js', 'download'], { cwd: package_, timeoutMs: 120_000 })
  },
  remedy: 'sudo apt-get install python3-venv g++',
}

/** Multiplies, in a process of its own: a binding that does not fit may end it. About two seconds; a stamp tells it the next time. */
async function works(): Promise<boolean> {
  const selfTest = JSON.stringify(join(ROOT, 'main/engine/compute/self-test.ts'))
  const { ok } = await ask(process.execPath, ['-e', `import(${selfTest}).then((p) => p.tensorflowSelfTest())`])
  if (ok) writeFileSync(stamp, identity(findTensorflow()))
  return ok
}

const identity = (tensorflow: string | null): string =>
  `${process.version} ${tensorflow === null ? 'no wheel' : `${tensorflow} ${statSync(join(tensorflow, LIBRARY)).mtimeMs}`}\n`

/** The folder `tensorflow` of a wheel: that of the Python environment, else one fetched into the cache; null: neither. */
function findTensorflow(): string | null {
  const site = join(pythonEnvironment(), 'lib')
  const inEnvironment = existsSync(site) ? readdirSync(site).map((python) => join(site, python, 'site-packages/tensorflow')) : []
  return [...inEnvironment, join(cache, 'tensorflow')].find((folder) => existsSync(join(folder, LIBRARY))) ?? null
}

async function fetchTensorflow(): Promise<string | null> {
  mkdirSync(cache, { recursive: true })
  const target = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--target', cache, WHEEL]
  return (await step(`${WHEEL} from PyPI`, findPython() ?? 'python3', target)) ? findTensorflow() : null
}

/** Whether the binding in the cache was compiled against this library, for this release of tfjs-node. */
const isBuilt = (tensorflow: string | null): boolean =>
  tensorflow !== null && existsSync(`${built}.for`) && readFileSync(`${built}.for`, 'utf8') === builtFor(tensorflow)

function builtFor(tensorflow: string): string {
  const { version } = require('@tensorflow/tfjs-node/package.json') as { version: string }
  return `tfjs-node ${version}, ${tensorflow} ${statSync(join(tensorflow, LIBRARY)).mtimeMs}\n`
}

async function build(): Promise<void> {
  const tensorflow = findTensorflow() ?? (await fetchTensorflow())
  if (tensorflow === null) return
  if (!isBuilt(tensorflow)) {
    const headers = nodeHeaders()
    if (headers === null) {
      console.log('  There are no headers of Node (node_api.h): npm ci brings them with its Node, a package manager with its own.')
      return
    }
    if (!(await hasCompiler())) {
      console.log('  There is no C++ compiler (g++) for its binding.')
      return
    }
    mkdirSync(cache, { recursive: true })
    const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(package_, 'binding', file))
    const libraries = ['-L', tensorflow, `-l:${LIBRARY}`, '-l:libtensorflow_framework.so.2', `-Wl,-rpath,${tensorflow}`]
    const flags = ['-std=c++17', '-shared', '-fPIC', '-O2', '-w', '-DNAPI_VERSION=8', '-I', join(tensorflow, 'include'), '-I', headers]
    if (!(await step("compiling tfjs-node's binding", 'g++', [...flags, ...sources, '-o', built, ...libraries]))) return
    writeFileSync(`${built}.for`, builtFor(tensorflow))
  }
  mkdirSync(dirname(binding), { recursive: true })
  copyFileSync(built, binding)
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
