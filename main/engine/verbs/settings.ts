/** Verb handlers of the workspace's settings: read, change, ask for updates. */
import type { EngineContext, Handlers } from '../engine-context.ts'
import { findUpdate } from '../updates.ts'

export function settingsVerbs({ store: { settings } }: EngineContext): Handlers<'settings.get' | 'settings.set' | 'settings.updates'> {
  return {
    'settings.get': async () => settings.all(),
    'settings.set': async (part) => {
      settings.set(part)
      return settings.all()
    },
    'settings.updates': async () => findUpdate(settings.all().updates),
  }
}
