/** Messages of the system about jobs that end while another window is in front: only where somebody asked for them in the settings. */
import { useSettings } from '@/stores/settings.ts'

/** Whether this browser has them at all. */
export const hasNotifications = (): boolean => 'Notification' in globalThis

/** Asks the browser for leave where it has not answered yet. */
export const mayNotify = async (): Promise<boolean> => hasNotifications() && (await Notification.requestPermission()) === 'granted'

/** Says it by the system, unless the page is what somebody looks at; `open` is what a click on it does. */
export function notifyInBackground(title: string, text: string, open: () => unknown = () => undefined): void {
  if (!useSettings().notifications || !hasNotifications() || Notification.permission !== 'granted' || document.hasFocus()) return
  const shown = new Notification(title, { body: text, tag: `pylon ${text}` })
  shown.addEventListener('click', () => {
    globalThis.focus()
    open()
    shown.close()
  })
}
