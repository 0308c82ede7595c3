/** Options of `npm start`. */
import { parseArgs } from 'node:util'
import { badInput } from '../contract/errors.ts'

export interface StartOptions {
  readonly help: boolean
  /** the browser host even where Electron could run */
  readonly browser: boolean
  readonly open: boolean
  /** null: the usual one, or the next that is free */
  readonly port: number | null
  /** null: loopback */
  readonly host: string | null
  readonly home: string | undefined
  readonly roots: readonly string[]
  /** whether pages may name files below the roots that are run as code */
  readonly allowCode: boolean
}

export const USAGE = `Usage: npm start -- [options]

Opens the workbench in an Electron window where Electron is installed and there is a display, else in a browser.

  --browser     in the browser, whatever is installed
  --no-open     do not open the browser, only print the link
  --port N      port of the browser host (default: 7821, or the next that is free)
  --host ADDR   address to listen on besides this machine's own (default: 127.0.0.1 alone)
  --root DIR    a folder whose files may be chosen in the page; may be repeated
  --allow-code  files below --root may also be named as matching functions, which run with your rights
  --home DIR    the workspace (default: PYLON_HOME, else the data folder of the system)
  --help        this text
`

/** @throws PylonError bad-input */
export function startOptions(argv: readonly string[]): StartOptions {
  const values = parse(argv)
  if (values['allow-code'] && values.root.length === 0)
    throw badInput('is for files below a folder of yours: name it with --root DIR.', '--allow-code')
  return {
    help: values.help,
    browser: values.browser || values.host !== undefined || values.port !== undefined || values['no-open'],
    open: !values['no-open'],
    port: values.port === undefined ? null : portOf(values.port),
    host: values.host ?? null,
    home: values.home,
    roots: values.root,
    allowCode: values['allow-code'],
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        browser: { type: 'boolean', default: false },
        'no-open': { type: 'boolean', default: false },
        port: { type: 'string' },
        host: { type: 'string' },
        home: { type: 'string' },
        'allow-code': { type: 'boolean', default: false },
        root: { type: 'string', multiple: true, default: [] },
      },
    }).values
  } catch (error) {
    throw badInput(`${(error as Error).message.split(/\. |\.?\n/)[0]!}. See npm start -- --help.`)
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw badInput(`${text} is no port: a number up to 65535, 0 for any.`, '--port')
  return port
}
