/** The workspace's settings. */
import type { EngineContext, Handlers } from '../context.ts'

export function settingsVerbs({ store: { settings } }: EngineContext): Handlers<'settings.get' | 'settings.set'> {
  return {
    'settings.get': async () => settings.all(),
    'settings.set': async (part) => {
      settings.set(part)
      return settings.all()
    },
  }
}
