/** `npm start`: its options, and what it makes of the machine it is on. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { browserCommand } from '../../../main/start/browser.ts'
import { hasDisplay } from '../../../main/start/electron.ts'
import { startOptions } from '../../../main/start/options.ts'
import { rememberOffer, wasOffered } from '../../../main/start/remembered.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

test('options', () => {
  expect(startOptions([])).toEqual({
    allowCode: false,
    help: false,
    browser: false,
    open: true,
    port: null,
    host: null,
    home: undefined,
    roots: [],
  })
  expect(startOptions(['--root', 'a', '--root', 'b', '--home', 'h'])).toMatchObject({ roots: ['a', 'b'], home: 'h', browser: false })
  expect(startOptions(['--root', 'a', '--allow-code'])).toMatchObject({ roots: ['a'], allowCode: true })
  // what only a browser host has means the browser host
  for (const words of [['--port', '0'], ['--host', '0.0.0.0'], ['--no-open'], ['--browser']]) expect(startOptions(words).browser).toBe(true)
  const refused = (...words: string[]): unknown => {
    try {
      return startOptions(words)
    } catch (error) {
      return (error as Error).message
    }
  }
  expect([
    refused('--port', 'x'),
    refused('--port', '70000'),
    refused('--port', '-1'),
    refused('--nonsense'),
    refused('word'),
    refused('--allow-code'),
  ]).toMatchInlineSnapshot(`
    [
      "--port: x is no port: a number up to 65535, 0 for any.",
      "--port: 70000 is no port: a number up to 65535, 0 for any.",
      "Option '--port' argument is ambiguous. See npm start -- --help.",
      "Unknown option '--nonsense'. See npm start -- --help.",
      "Unexpected argument 'word'. See npm start -- --help.",
      "--allow-code: is for files below a folder of yours: name it with --root DIR.",
    ]
  `)
})

test('where there is a display', () => {
  expect([
    hasDisplay({}, 'linux'),
    hasDisplay({ DISPLAY: '' }, 'linux'),
    hasDisplay({ DISPLAY: ':0' }, 'linux'),
    hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux'),
    hasDisplay({}, 'darwin'),
    hasDisplay({ SSH_CONNECTION: 'x' }, 'darwin'),
    hasDisplay({}, 'win32'),
  ]).toEqual([false, false, true, true, true, false, true])
})

test('what opens a link', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'bin', 'xdg-open'), '')
  expect(browserCommand({ DISPLAY: ':0', PATH: folder }, 'linux')).toBeNull()
  expect(browserCommand({ DISPLAY: ':0', PATH: join(folder, 'bin') }, 'linux')?.command).toBe('xdg-open')
  expect(browserCommand({ PATH: join(folder, 'bin') }, 'linux')).toBeNull()
  expect(browserCommand({}, 'darwin')?.command).toBe('open')
  expect(browserCommand({}, 'win32')?.command).toBe('rundll32')
})

test('Electron is offered once', async () => {
  const home = join(await temporaryFolder(), 'home')
  expect(wasOffered(home)).toBe(false)
  rememberOffer(home)
  expect(wasOffered(home)).toBe(true)
  await writeFile(join(home, 'pylon-start.json'), 'nonsense')
  expect(wasOffered(home)).toBe(false)
})
