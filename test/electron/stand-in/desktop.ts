/** Menus, dialogs and the rest of a desktop, as far as a test can see them: the test answers the dialogs and clicks the menu. */
import { onControl, report } from './control.ts'

interface Item {
  readonly id?: string
  readonly label?: string
  readonly role?: string
  readonly accelerator?: string
  readonly submenu?: readonly Item[]
  readonly click?: () => void
}

let menu: readonly Item[] = []
const all = (items: readonly Item[]): Item[] => items.flatMap((item) => [item, ...all(item.submenu ?? [])])

export const Menu = {
  buildFromTemplate: (items: readonly Item[]): readonly Item[] => items,
  setApplicationMenu: (items: readonly Item[]): void => void (menu = items),
}
onControl('menu.list', () => all(menu).flatMap(({ id, accelerator }) => (id === undefined ? [] : [`${id} ${accelerator ?? ''}`])))
onControl('menu.click', (id: string) => all(menu).find((item) => item.id === id)!.click!())

let answers: string[][] = []
onControl('dialog.answer', (paths: string[]) => void answers.push(paths))

const ask = (kind: string, options: unknown): string[] => {
  report('dialog', { kind, options })
  const [answer = [], ...rest] = answers
  answers = rest
  return answer
}

export const dialog = {
  showOpenDialog: async (_window: unknown, options: unknown) => ({ filePaths: ask('open', options) }),
  showSaveDialog: async (_window: unknown, options: unknown) => ({ filePath: ask('save', options)[0] ?? '' }),
}

export const crashReporter = { start: (): void => undefined }
export const nativeTheme = { shouldUseDarkColors: false }
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1600, height: 1000 } }] }
export const shell = { openPath: async (path: string) => report('opened', path) }
