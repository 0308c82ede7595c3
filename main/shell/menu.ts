/** The application menu: what the page can do by shortcut, and what every program of the system has. In the system's language. */
import { app, Menu, shell, type MenuItemConstructorOptions } from 'electron'
import type { MenuCommand } from '../contract/host.ts'
import { logFolder } from './log.ts'

const TEXTS = {
  en: {
    file: 'File',
    edit: 'Edit',
    view: 'View',
    window: 'Window',
    help: 'Help',
    'new-run': 'New Run',
    import: 'Import Data…',
    settings: 'Settings…',
    palette: 'Command Palette',
    runs: 'Runs',
    compare: 'Compare',
    inspect: 'Inspect',
    logs: 'Open Log Folder',
  },
  zh: {
    file: '文件',
    edit: '编辑',
    view: '视图',
    window: '窗口',
    help: '帮助',
    'new-run': '新建运行',
    import: '导入数据…',
    settings: '设置…',
    palette: '命令面板',
    runs: '运行',
    compare: '比较',
    inspect: '检视',
    logs: '打开日志文件夹',
  },
} as const

export function setMenu(command: (name: MenuCommand) => void): void {
  const texts = app.getLocale().startsWith('zh') ? TEXTS.zh : TEXTS.en
  const item = (name: MenuCommand, accelerator: string): MenuItemConstructorOptions => ({
    id: name,
    label: texts[name],
    accelerator,
    click: () => command(name),
  })
  const mac = process.platform === 'darwin'
  const line: MenuItemConstructorOptions = { type: 'separator' }
  const settings = item('settings', 'CmdOrCtrl+,')
  const appMenu: MenuItemConstructorOptions = {
    role: 'appMenu',
    submenu: [
      { role: 'about' },
      line,
      settings,
      line,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      line,
      { role: 'quit' },
    ],
  }
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(mac ? [appMenu] : []),
      {
        label: texts.file,
        submenu: [
          item('new-run', 'CmdOrCtrl+N'),
          item('import', 'CmdOrCtrl+O'),
          line,
          ...(mac ? [{ role: 'close' } as const] : [settings, line, { role: 'quit' } as const]),
        ],
      },
      { label: texts.edit, role: 'editMenu' },
      {
        label: texts.view,
        submenu: [
          item('palette', 'CmdOrCtrl+K'),
          line,
          item('runs', 'CmdOrCtrl+1'),
          item('compare', 'CmdOrCtrl+2'),
          item('inspect', 'CmdOrCtrl+3'),
          line,
          { role: 'reload' },
          { role: 'toggleDevTools' },
          line,
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          line,
          { role: 'togglefullscreen' },
        ],
      },
      { label: texts.window, role: 'windowMenu' },
      { label: texts.help, role: 'help', submenu: [{ label: texts.logs, click: () => void shell.openPath(logFolder()) }] },
    ]),
  )
}
