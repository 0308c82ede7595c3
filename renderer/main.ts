/** The entry of the page: makes the app with its stores, texts, routes and the connection to the engine. */
import './engine/strict.ts'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { engineKey, engineLinkOf } from './composables/useEngine.ts'
import { connectEngine } from './engine/client.ts'
import { router } from './router.ts'
import { useRuns } from './stores/runs.ts'
import './styles/index.css'

const app = createApp(App).provide(engineKey, engineLinkOf(connectEngine())).use(createPinia()).use(router)
// the table of runs is asked for while the code of its page is on its way
if (['', '#', '#/'].includes(location.hash)) app.runWithContext(() => useRuns().follow())
// the router knows another address only once the first one has been reached
void router.isReady().finally(() => app.mount('#app'))
